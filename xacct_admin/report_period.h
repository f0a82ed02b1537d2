/*
 * The time that a report is about, and its days.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_REPORT_PERIOD_H
#define XACCT_XACCT_ADMIN_REPORT_PERIOD_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "xacct/command.h"

#define REPORT_DAYS_DEFAULT 30

struct report_period {
    time_t since;
    time_t until; /* the first moment that does not count */
    bool ends;    /* --until was given; else it is open, and `until` is now */
    time_t now;
};

/*
 * Reads --since, --until and --timezone, by which days and dates are taken from then on in this
 * process, as libc knows one zone only; without it they are the host's. A date of --until is the
 * last day that counts, as in the policy; a month is its first or last day; 30d, 12h or 2w is so
 * long ago. Returns false after a complaint.
 */
bool report_period_read(const struct invocation *invocation, struct report_period *period);

#define REPORT_DAY_SIZE sizeof "2027-03-31"

/* A day of the calendar. */
struct report_day {
    char name[REPORT_DAY_SIZE];
    time_t begin; /* its first moment, */
    time_t end;   /* and that of the next day */
};

/* Sets *day to the one that `at` is in, unless it is that already. */
void report_day_find(struct report_day *day, time_t at);

/* Writes the zone's name, for people: that of --timezone, or what the host's clock calls it. */
char *report_zone_name(const struct invocation *invocation, char *out, size_t size);

/* Writes a moment in the zone, to the minute: "2027-03-31 18:00". */
char *report_moment(char *out, size_t size, time_t at);

#endif
