/*
 * Time zones, by libc, which knows no other than the one that TZ names. Each function here puts a
 * zone in its place, asks, and puts back what was there. Inside policy/ only.
 *
 * Zones are named by their files. They must not be asked from more than one thread.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_ZONE_H
#define XACCT_POLICY_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#define ZONE_HOST "/etc/localtime" /* the host's own; where it is missing, UTC: localtime(5) */

#define ZONE_FILE_SIZE 300 /* room for what zone_file writes */

#define ZONE_WEEK 604800 /* seconds */

/*
 * Puts TZ into the environment, with the meaning that it has or that its absence has. The other
 * functions do so as well; whoever will have threads calls this before. Returns 0 or an errno.
 */
int zone_prepare(void);

/*
 * Writes the file of the zone with this name, such as "Europe/Berlin", to `file`, whether or not
 * it is there. Returns false when the text cannot be a zone's name.
 */
bool zone_file(const char *name, char file[ZONE_FILE_SIZE]);

/* Whether the file is that of a time zone. */
bool zone_is_there(const char *file);

/* What the clocks of a zone show, for about a week. */
struct zone_clock {
    time_t now;
    time_t known_until; /* until here; eight days, and less only where two changes are nearer */
    int second_of_week; /* that they show now, from 0, Monday 00:00:00, to below ZONE_WEEK */
    time_t change;      /* when they are put forward or back; 0: not within that time */
    int forward;        /* seconds by which they are; negative: back */
};

/* Fills *clock. Returns 0, or an errno, the zone's file cannot be read, and *clock is all zero. */
int zone_look(const char *file, time_t now, struct zone_clock *clock);

/* What the clocks show at `at`, from clock->now to clock->known_until, as second_of_week. */
int zone_second_of_week(const struct zone_clock *clock, time_t at);

/* A day of the calendar, and where its begin is to be written to. */
struct zone_day {
    struct tm date; /* year, month and day */
    time_t *begin;
};

/*
 * Writes the begin of each day: the first instant at which calendars in the zone show its date or
 * a later one, which is midnight wherever that exists. Returns 0, or an errno: the zone's file
 * cannot be read. For many days at once, as each switch of TZ makes libc read files.
 */
int zone_days_begin(const char *file, const struct zone_day *days, size_t count);

#endif
