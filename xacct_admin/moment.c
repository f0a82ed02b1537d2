/*
 * Points in time on a command line.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/moment.h"

#include <stddef.h>
#include <string.h>

#include "common/escape.h"
#include "xacct/command.h"
#include "xacct/complain.h"

#define FARTHEST_ZONE 14 /* hours from UTC */

/* Whether the text begins in this form, in which 0 stands for a digit. */
static bool begins(const char *text, const char *form)
{
    for (; *form != '\0'; form++, text++)
        if (*form == '0' ? *text < '0' || *text > '9' : *text != *form)
            return false;
    return true;
}

static int number(const char *text, size_t digits)
{
    int value = 0;

    while (digits-- > 0)
        value = 10 * value + (*text++ - '0');
    return value;
}

/* Takes "HH:MM" or "HH:MM:SS" from *text, behind which it then points. */
static bool take_clock(const char **text, struct tm *time)
{
    if (!begins(*text, "00:00"))
        return false;
    time->tm_hour = number(*text, 2);
    time->tm_min = number(*text + 3, 2);
    *text += 5;
    if (begins(*text, ":00")) {
        time->tm_sec = number(*text + 1, 2);
        *text += 3;
    }
    return time->tm_hour < 24 && time->tm_min < 60 && time->tm_sec < 60;
}

/* Reads "Z", "+HH:MM" or "-HH:MM" as seconds east of UTC. */
static bool read_zone(const char *text, long *east)
{
    int hours, minutes;

    *east = 0;
    if (strcmp(text, "Z") == 0)
        return true;
    if ((*text != '+' && *text != '-') || !begins(text + 1, "00:00") || text[6] != '\0')
        return false;
    hours = number(text + 1, 2);
    minutes = number(text + 4, 2);
    *east = (hours * 60L + minutes) * 60 * (*text == '-' ? -1 : 1);
    return minutes < 60 && hours * 60 + minutes <= FARTHEST_ZONE * 60;
}

bool moment_read(const char *text, time_t *moment)
{
    struct tm time = {.tm_isdst = -1}, same;
    bool in_utc = false;
    long east = 0;

    if (!begins(text, "0000-00-00"))
        return false;
    time.tm_year = number(text, 4) - 1900;
    time.tm_mon = number(text + 5, 2) - 1;
    time.tm_mday = number(text + 8, 2);
    same = time;
    text += 10;
    if (*text == 'T' || *text == ' ') {
        text++;
        if (!take_clock(&text, &time))
            return false;
        in_utc = *text != '\0';
    }
    if ((in_utc && !read_zone(text, &east)) || (!in_utc && *text != '\0'))
        return false;
    *moment = in_utc ? timegm(&time) - east : mktime(&time);
    /* Both take the 31st of June for the 1st of July. */
    return time.tm_year >= 100 && time.tm_mon == same.tm_mon && time.tm_mday == same.tm_mday;
}

bool moment_at(const struct invocation *invocation, time_t *moment)
{
    const char *text = invocation->value[OPTION_AT];
    char shown[ESCAPE_MAX];

    *moment = time(NULL);
    if (text == NULL || moment_read(text, moment))
        return true;
    complain("%s: --at %s is no time: write 2027-03-31, 2027-03-31T18:00 (in the host's time "
             "zone), 2027-03-31T18:00Z or 2027-03-31T18:00+02:00",
             invocation->command->name, escape(shown, sizeof shown, text));
    return false;
}
