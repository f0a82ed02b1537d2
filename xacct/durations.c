/*
 * Lengths of time and instants.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/durations.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define MINUTE 60
#define HOUR   3600
#define DAY    ((int64_t)86400)

bool duration_parse(const char *text, int64_t *seconds)
{
    static const struct {
        const char *name;
        int64_t factor;
    } units[] = {{"s", 1}, {"m", MINUTE}, {"h", HOUR}};
    long number;
    char *end;
    size_t i;

    if (text[0] < '0' || text[0] > '9')
        return false;
    errno = 0;
    number = strtol(text, &end, 10);
    if (errno != 0 || number < 1 || number > DURATION_LONGEST)
        return false;
    for (i = 0; i < sizeof units / sizeof units[0]; i++)
        if (strcmp(end, units[i].name) == 0) {
            *seconds = number * units[i].factor;
            return *seconds <= DURATION_LONGEST;
        }
    return false;
}

char *duration_in_words(char *out, size_t size, int64_t seconds)
{
    int64_t hours = seconds / HOUR, minutes = seconds % HOUR / MINUTE;

    if (seconds < MINUTE)
        snprintf(out, size, "%" PRId64 " s", seconds);
    else if (hours == 0)
        snprintf(out, size, "%" PRId64 " min", minutes);
    else if (seconds < 2 * DAY && minutes == 0)
        snprintf(out, size, "%" PRId64 " h", hours);
    else if (seconds < 2 * DAY)
        snprintf(out, size, "%" PRId64 " h %" PRId64 " min", hours, minutes);
    else
        snprintf(out, size, "%" PRId64 " days", seconds / DAY);
    return out;
}

bool instant_parse(const char *text, int64_t *instant)
{
    static const char form[] = "0000-00-00T00:00:00Z";
    struct tm utc = {0};
    size_t i;

    if (text == NULL || strlen(text) != sizeof form - 1)
        return false;
    /* strptime would also take blanks and numbers of fewer digits. */
    for (i = 0; i < sizeof form - 1; i++)
        if (form[i] == '0' ? text[i] < '0' || text[i] > '9' : text[i] != form[i])
            return false;
    if (strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc) == NULL)
        return false;
    *instant = timegm(&utc);
    return true;
}

char *instant_in_words(char *out, size_t size, const char *wire)
{
    int64_t instant;

    if (instant_parse(wire, &instant))
        snprintf(out, size, "%.10s %.5s UTC", wire, wire + 11);
    else
        snprintf(out, size, "?");
    return out;
}
