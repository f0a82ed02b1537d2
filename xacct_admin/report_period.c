/*
 * The time that a report is about.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/report_period.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"
#include "policy/values.h"
#include "policy/zone.h"
#include "xacct/complain.h"
#include "xacct_admin/moment.h"

#define HOUR        3600L
#define DAY         86400L
#define LONGEST_AGO (36500 * DAY) /* seconds, as the two above */

/* What stands behind a number that says how long ago: "30d", "12h" or "2w". */
static const struct unit ago_units[] = {{"h", HOUR}, {"d", DAY}, {"w", 7 * DAY}, {NULL, 0}};

/* Puts the zone into its place. Returns false after a complaint. */
static bool set_zone(const char *name)
{
    char shown[ESCAPE_MAX], file[ZONE_FILE_SIZE], value[ZONE_FILE_SIZE + 1];

    if (name == NULL)
        return true;
    if (!zone_file(name, file) || !zone_is_there(file)) {
        complain("report: --timezone %s: this host has no such time zone: name one such as "
                 "Europe/Berlin, of those below /usr/share/zoneinfo",
                 escape(shown, sizeof shown, name));
        return false;
    }
    snprintf(value, sizeof value, ":%s", file);
    setenv("TZ", value, 1);
    tzset();
    return true;
}

/* Reads "2027-03": its first moment, or with `behind` that of the next month. */
static bool read_month(const char *text, bool behind, time_t *moment)
{
    static const char form[] = "0000-00";
    char date[sizeof "2027-03-01"] = "";
    struct tm next = {.tm_isdst = -1, .tm_mday = 1};

    if (strlen(text) != sizeof form - 1)
        return false;
    memcpy(date, text, sizeof form - 1);
    memcpy(date + sizeof form - 1, "-01", sizeof "-01");
    if (!moment_read(date, moment))
        return false;
    if (behind) {
        next.tm_year = (int)strtol(text, NULL, 10) - 1900;
        next.tm_mon = (int)strtol(text + sizeof "0000", NULL, 10);
        *moment = mktime(&next);
    }
    return true;
}

/* Reads the value of --since, or with `is_end` of --until. Returns false after a complaint. */
static bool read_end(const char *option, const char *text, bool is_end, time_t now, time_t *moment)
{
    char shown[ESCAPE_MAX];
    struct report_day day = {.end = 0};
    long ago;

    if (value_number(text, ago_units, HOUR, LONGEST_AGO, &ago)) {
        *moment = now - ago;
        return true;
    }
    if (read_month(text, is_end, moment))
        return true;
    if (!moment_read(text, moment)) {
        complain("report: %s %s: it is no date such as 2027-03-31, month such as 2027-03, time "
                 "such as 2027-03-31T18:00, or length such as 30d",
                 option, escape(shown, sizeof shown, text));
        return false;
    }
    if (is_end && strlen(text) == sizeof day.name - 1) {
        report_day_find(&day, *moment);
        *moment = day.end;
    }
    return true;
}

bool report_period_read(const struct invocation *invocation, struct report_period *period)
{
    const char *since = invocation->value[OPTION_SINCE], *until = invocation->value[OPTION_UNTIL];
    time_t now = time(NULL);

    *period = (struct report_period){.now = now, .until = now, .ends = until != NULL};
    period->since = now - (time_t)REPORT_DAYS_DEFAULT * DAY;
    if (!set_zone(invocation->value[OPTION_TIMEZONE]) ||
        (since != NULL && !read_end("--since", since, false, now, &period->since)) ||
        (until != NULL && !read_end("--until", until, true, now, &period->until)))
        return false;
    if (until != NULL && since == NULL && period->until <= period->since)
        period->since = period->until - (time_t)REPORT_DAYS_DEFAULT * DAY;
    if (period->since >= period->until) {
        complain("report: nothing is between %s and %s: --since comes before --until, and before "
                 "now",
                 since, until != NULL ? until : "now");
        return false;
    }
    return true;
}

/* The date of a moment as a number, as 20270331. */
static long date_of(time_t at)
{
    struct tm local;

    if (localtime_r(&at, &local) == NULL)
        return 0;
    return ((local.tm_year + 1900L) * 100 + local.tm_mon + 1) * 100 + local.tm_mday;
}

/*
 * The first moment behind `low` at which it is this date, or with `other` another: so it is at
 * `high`, and not at `low`.
 */
static time_t find_change(time_t low, time_t high, long date, bool other)
{
    while (high - low > 1) {
        time_t middle = low + (high - low) / 2;

        if ((date_of(middle) == date) != other)
            high = middle;
        else
            low = middle;
    }
    return high;
}

void report_day_find(struct report_day *day, time_t at)
{
    /* Where clocks change a day is longer than 24 hours, and never as long as two. */
    const time_t two_days = 2 * DAY;
    struct tm local;
    long date;

    if (day->end != 0 && at >= day->begin && at < day->end)
        return;
    date = date_of(at);
    if (localtime_r(&at, &local) == NULL ||
        strftime(day->name, sizeof day->name, "%Y-%m-%d", &local) == 0)
        snprintf(day->name, sizeof day->name, "?");
    day->begin = find_change(at - two_days, at, date, false);
    day->end = find_change(at, at + two_days, date, true);
}

char *report_zone_name(const struct invocation *invocation, char *out, size_t size)
{
    time_t now = time(NULL);
    struct tm local;

    if (invocation->value[OPTION_TIMEZONE] != NULL)
        snprintf(out, size, "%s", invocation->value[OPTION_TIMEZONE]);
    else if (localtime_r(&now, &local) == NULL || strftime(out, size, "%Z", &local) == 0)
        snprintf(out, size, "UTC");
    return out;
}

char *report_moment(char *out, size_t size, time_t at)
{
    struct tm local;

    if (localtime_r(&at, &local) == NULL || strftime(out, size, "%Y-%m-%d %H:%M", &local) == 0)
        snprintf(out, size, "?");
    return out;
}
