/*
 * Decisions that depend on the time: one line of the table, one decision.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <time.h>

#include <cmocka.h>

#include "policy/decide.h"
#include "policy_text.h"

#define R(name)     "[grant " name "]\nusers = alice\nroles = r\n"
#define RS(name)    "[grant " name "]\nusers = alice\nroles = r s\n"
#define OFFICE      "hours = Mon-Fri 08:00-18:00 "
#define WHOLE_WEEK  "hours = Mon-Sun 00:00-24:00 "
#define NIGHT(days) "hours = " days " 22:00-06:00 "

/* 2026-03-30 is a Monday. */
static const struct {
    const char *rules;
    const char *now; /* with "+SECONDS" behind it: the session ended so long ago */
    const char
        *expected; /* status, each role with "<END" where one is in sight; or why not, grant */
} cases[] = {
    /* Instants, to the second */
    {R("g"), "2026-03-30T12:00:00Z", "permitted r"},
    {R("g") "since = 2026-03-30T12:00Z\n", "2026-03-30T11:59:59Z", "denied not-yet g"},
    {R("g") "since = 2026-03-30T12:00Z\n", "2026-03-30T12:00:00Z", "permitted r"},
    {R("g") "since = 2026-03-30T12:00:07Z\n", "2026-03-30T12:00:06Z", "denied not-yet g"},
    {R("g") "since = 2026-03-30T12:00:07Z\n", "2026-03-30T12:00:07Z", "permitted r"},
    {R("g") "since = 2026-03-30T12:00+02:00\n", "2026-03-30T09:59:59Z", "denied not-yet g"},
    {R("g") "since = 2026-03-30T12:00+02:00\n", "2026-03-30T10:00:00Z", "permitted r"},
    {R("g") "since = 2026-03-30T20:00:00-09:30\n", "2026-03-31T05:29:59Z", "denied not-yet g"},
    {R("g") "since = 2026-03-30T20:00:00-09:30\n", "2026-03-31T05:30:00Z", "permitted r"},
    {R("g") "until = 2026-03-30T12:00Z\n", "2026-03-30T11:59:59Z",
     "permitted r<2026-03-30T12:00:00Z"},
    {R("g") "until = 2026-03-30T12:00Z\n", "2026-03-30T12:00:00Z", "denied ended g"},
    {R("g") "until = 2026-03-30T18:00+05:45\n", "2026-03-30T12:14:59Z",
     "permitted r<2026-03-30T12:15:00Z"},
    {R("g") "until = 2026-03-30T18:00+05:45\n", "2026-03-30T12:15:00Z", "denied ended g"},
    /* Dates are days in the grant's time zone, the last of which counts */
    {R("g") "until = 2026-03-31\n" WHOLE_WEEK "UTC\n", "2026-03-31T23:59:59Z",
     "permitted r<2026-04-01T00:00:00Z"},
    {R("g") "until = 2026-03-31\n" WHOLE_WEEK "UTC\n", "2026-04-01T00:00:00Z", "denied ended g"},
    {R("g") "since = 2026-03-31\n" WHOLE_WEEK "UTC\n", "2026-03-30T23:59:59Z", "denied not-yet g"},
    {R("g") "since = 2026-03-31\n" WHOLE_WEEK "UTC\n", "2026-03-31T00:00:00Z", "permitted r"},
    {R("g") "until = 2026-12-31\n" WHOLE_WEEK "UTC\n", "2026-12-31T23:59:59Z",
     "permitted r<2027-01-01T00:00:00Z"},
    {R("g") "until = 2028-02-29\n" WHOLE_WEEK "UTC\n", "2028-02-29T12:00:00Z",
     "permitted r<2028-03-01T00:00:00Z"},
    {R("g") "until = 2026-03-31\n" WHOLE_WEEK "Europe/Berlin\n", "2026-03-31T21:59:59Z",
     "permitted r<2026-03-31T22:00:00Z"},
    {R("g") "until = 2026-03-31\n" WHOLE_WEEK "Europe/Berlin\n", "2026-03-31T22:00:00Z",
     "denied ended g"},
    {R("g") "since = 2026-01-31\n" WHOLE_WEEK "Europe/Berlin\n", "2026-01-30T22:59:59Z",
     "denied not-yet g"},
    {R("g") "since = 2026-01-31\n" WHOLE_WEEK "Europe/Berlin\n", "2026-01-30T23:00:00Z",
     "permitted r"},
    {R("g") WHOLE_WEEK "America/New_York\nuntil = 2026-03-31\n", "2026-04-01T03:59:59Z",
     "permitted r<2026-04-01T04:00:00Z"},
    {R("g") WHOLE_WEEK "Asia/Kolkata\nuntil = 2026-03-31\n", "2026-03-31T18:29:59Z",
     "permitted r<2026-03-31T18:30:00Z"},
    {R("g") WHOLE_WEEK "Pacific/Kiritimati\nuntil = 2026-03-31\n", "2026-03-31T09:59:59Z",
     "permitted r<2026-03-31T10:00:00Z"},
    {R("g") WHOLE_WEEK "Etc/GMT+12\nuntil = 2026-03-31\n", "2026-04-01T11:59:59Z",
     "permitted r<2026-04-01T12:00:00Z"},
    /* The day on which clocks are put forward ends with its 23 hours, and that with 25 too */
    {R("g") "until = 2026-03-29\n" WHOLE_WEEK "Europe/Berlin\n", "2026-03-29T21:59:59Z",
     "permitted r<2026-03-29T22:00:00Z"},
    {R("g") "until = 2026-10-25\n" WHOLE_WEEK "Europe/Berlin\n", "2026-10-25T22:59:59Z",
     "permitted r<2026-10-25T23:00:00Z"},
    /* Midnight that does not exist, and one that exists twice */
    {R("g") "since = 2026-09-06\n" WHOLE_WEEK "America/Santiago\n", "2026-09-06T03:59:59Z",
     "denied not-yet g"},
    {R("g") "since = 2026-09-06\n" WHOLE_WEEK "America/Santiago\n", "2026-09-06T04:00:00Z",
     "permitted r"},
    {R("g") "until = 2026-09-05\n" WHOLE_WEEK "America/Santiago\n", "2026-09-06T03:59:59Z",
     "permitted r<2026-09-06T04:00:00Z"},
    {R("g") "until = 2026-04-04\n" WHOLE_WEEK "America/Santiago\n", "2026-04-05T03:30:00Z",
     "permitted r<2026-04-05T04:00:00Z"},
    {R("g") "since = 2026-11-01\n" WHOLE_WEEK "America/Havana\n", "2026-11-01T03:59:59Z",
     "denied not-yet g"},
    {R("g") "since = 2026-11-01\n" WHOLE_WEEK "America/Havana\n", "2026-11-01T04:00:00Z",
     "permitted r"},
    {R("g") "since = 2021-10-29\n" WHOLE_WEEK "Asia/Amman\n", "2021-10-28T20:59:59Z",
     "denied not-yet g"},
    {R("g") "since = 2021-10-29\n" WHOLE_WEEK "Asia/Amman\n", "2021-10-28T21:00:00Z",
     "permitted r"},
    /* Two days of one month */
    {R("g") "since = 2026-03-10\nuntil = 2026-03-20\n" WHOLE_WEEK "UTC\n", "2026-03-15T12:00:00Z",
     "permitted r<2026-03-21T00:00:00Z"},
    /* Hours, to the second */
    {R("g") OFFICE "UTC\n", "2026-03-30T07:59:59Z", "denied hours g"},
    {R("g") OFFICE "UTC\n", "2026-03-30T08:00:00Z", "permitted r<2026-03-30T18:00:00Z"},
    {R("g") OFFICE "UTC\n", "2026-03-30T17:59:59Z", "permitted r<2026-03-30T18:00:00Z"},
    {R("g") OFFICE "UTC\n", "2026-03-30T18:00:00Z", "denied hours g"},
    {R("g") OFFICE "UTC\n", "2026-04-03T12:00:00Z", "permitted r<2026-04-03T18:00:00Z"},
    {R("g") OFFICE "UTC\n", "2026-04-04T12:00:00Z", "denied hours g"},
    {R("g") OFFICE "UTC\n", "2026-04-05T12:00:00Z", "denied hours g"},
    {R("g") "hours = Mon 08:00-08:01 UTC\n", "2026-03-30T08:00:59Z",
     "permitted r<2026-03-30T08:01:00Z"},
    {R("g") "hours = Mon 08:00-08:01 UTC\n", "2026-03-30T08:01:00Z", "denied hours g"},
    /* in the zone's winter and summer */
    {R("g") OFFICE "Europe/Berlin\n", "2026-01-05T06:59:59Z", "denied hours g"},
    {R("g") OFFICE "Europe/Berlin\n", "2026-01-05T07:00:00Z", "permitted r<2026-01-05T17:00:00Z"},
    {R("g") OFFICE "Europe/Berlin\n", "2026-07-06T05:59:59Z", "denied hours g"},
    {R("g") OFFICE "Europe/Berlin\n", "2026-07-06T06:00:00Z", "permitted r<2026-07-06T16:00:00Z"},
    {R("g") OFFICE "America/New_York\n", "2026-03-30T12:00:00Z",
     "permitted r<2026-03-30T22:00:00Z"},
    {R("g") OFFICE "America/New_York\n", "2026-03-30T11:59:59Z", "denied hours g"},
    {R("g") OFFICE "Asia/Kolkata\n", "2026-03-30T02:29:59Z", "denied hours g"},
    {R("g") OFFICE "Asia/Kolkata\n", "2026-03-30T02:30:00Z", "permitted r<2026-03-30T12:30:00Z"},
    {R("g") OFFICE "Asia/Kathmandu\n", "2026-03-30T02:15:00Z", "permitted r<2026-03-30T12:15:00Z"},
    {R("g") OFFICE "Asia/Kathmandu\n", "2026-03-30T02:14:59Z", "denied hours g"},
    {R("g") OFFICE "Pacific/Kiritimati\n", "2026-03-29T18:00:00Z",
     "permitted r<2026-03-30T04:00:00Z"},
    /* days: one, a list, a range, a range that wraps, several lines */
    {R("g") "hours = Wed 08:00-18:00 UTC\n", "2026-04-01T08:00:00Z",
     "permitted r<2026-04-01T18:00:00Z"},
    {R("g") "hours = Wed 08:00-18:00 UTC\n", "2026-04-02T08:00:00Z", "denied hours g"},
    {R("g") "hours = Mon,Wed 08:00-18:00 UTC\n", "2026-03-30T08:00:00Z",
     "permitted r<2026-03-30T18:00:00Z"},
    {R("g") "hours = Mon,Wed 08:00-18:00 UTC\n", "2026-03-31T08:00:00Z", "denied hours g"},
    {R("g") "hours = Fri-Mon 08:00-18:00 UTC\n", "2026-04-03T08:00:00Z",
     "permitted r<2026-04-03T18:00:00Z"},
    {R("g") "hours = Fri-Mon 08:00-18:00 UTC\n", "2026-03-30T08:00:00Z",
     "permitted r<2026-03-30T18:00:00Z"},
    {R("g") "hours = Fri-Mon 08:00-18:00 UTC\n", "2026-03-31T08:00:00Z", "denied hours g"},
    {R("g") "hours = Fri-Mon 08:00-18:00 UTC\n", "2026-04-02T08:00:00Z", "denied hours g"},
    {R("g") "hours = Mon-Tue,Thu,Sat-Sun 08:00-18:00 UTC\n", "2026-04-05T08:00:00Z",
     "permitted r<2026-04-05T18:00:00Z"},
    {R("g") "hours = Mon-Tue,Thu,Sat-Sun 08:00-18:00 UTC\n", "2026-04-03T08:00:00Z",
     "denied hours g"},
    {R("g") OFFICE "UTC\n  Sat 10:00-12:00\nhours = Sat 14:00-15:00 UTC\n", "2026-04-04T11:00:00Z",
     "permitted r<2026-04-04T12:00:00Z"},
    {R("g") OFFICE "UTC\n  Sat 10:00-12:00\nhours = Sat 14:00-15:00 UTC\n", "2026-04-04T12:00:00Z",
     "denied hours g"},
    {R("g") OFFICE "UTC\n  Sat 10:00-12:00\nhours = Sat 14:00-15:00 UTC\n", "2026-04-04T14:00:00Z",
     "permitted r<2026-04-04T15:00:00Z"},
    /* Midnight: hours belong to the day that they began on */
    {R("g") NIGHT("Fri") "UTC\n", "2026-04-03T21:59:59Z", "denied hours g"},
    {R("g") NIGHT("Fri") "UTC\n", "2026-04-03T22:00:00Z", "permitted r<2026-04-04T06:00:00Z"},
    {R("g") NIGHT("Fri") "UTC\n", "2026-04-04T05:59:59Z", "permitted r<2026-04-04T06:00:00Z"},
    {R("g") NIGHT("Fri") "UTC\n", "2026-04-04T06:00:00Z", "denied hours g"},
    {R("g") NIGHT("Fri") "UTC\n", "2026-04-03T05:00:00Z", "denied hours g"},
    {R("g") NIGHT("Fri") "UTC\n", "2026-04-04T22:00:00Z", "denied hours g"},
    {R("g") NIGHT("Sun") "UTC\n", "2026-04-05T23:00:00Z", "permitted r<2026-04-06T06:00:00Z"},
    {R("g") NIGHT("Sun") "UTC\n", "2026-04-06T05:59:59Z", "permitted r<2026-04-06T06:00:00Z"},
    {R("g") NIGHT("Sun") "UTC\n", "2026-03-29T05:59:59Z", "denied hours g"},
    {R("g") "hours = Mon 18:00-00:00 UTC\n", "2026-03-30T23:59:59Z",
     "permitted r<2026-03-31T00:00:00Z"},
    {R("g") "hours = Mon 18:00-00:00 UTC\n", "2026-03-31T00:00:00Z", "denied hours g"},
    /* 24:00 joins with the next day's 00:00, and other hours with those that they touch */
    {R("g") "hours = Mon 00:00-24:00 UTC\n", "2026-03-30T00:00:00Z",
     "permitted r<2026-03-31T00:00:00Z"},
    {R("g") "hours = Mon 00:00-24:00 UTC\n", "2026-03-31T00:00:00Z", "denied hours g"},
    {R("g") "hours = Mon-Wed 00:00-24:00 UTC\n", "2026-03-30T12:00:00Z",
     "permitted r<2026-04-02T00:00:00Z"},
    {R("g") "hours = Sat-Mon 00:00-24:00 UTC\n", "2026-04-04T12:00:00Z",
     "permitted r<2026-04-07T00:00:00Z"},
    {R("g") "hours = Mon 08:00-12:00 UTC\n  Mon 12:00-18:00\n", "2026-03-30T08:00:00Z",
     "permitted r<2026-03-30T18:00:00Z"},
    {R("g") "hours = Mon 12:00-18:00 UTC\n  Mon 08:00-13:00\n  Mon 09:00-10:00\n",
     "2026-03-30T08:00:00Z", "permitted r<2026-03-30T18:00:00Z"},
    {R("g") "hours = Mon 08:00-24:00 UTC\n  Tue 00:00-01:00\n", "2026-03-30T08:00:00Z",
     "permitted r<2026-03-31T01:00:00Z"},
    {R("g") WHOLE_WEEK "Europe/Berlin\n", "2026-03-29T00:59:59Z", "permitted r"},
    {R("g") NIGHT("Mon-Sun") "UTC\n  Mon-Sun 06:00-22:00 UTC\n", "2026-03-29T00:59:59Z",
     "permitted r"},
    {R("g") "hours = Mon-Sat 00:00-24:00 UTC\n  Sun 00:00-23:59\n", "2026-03-30T00:00:00Z",
     "permitted r<2026-04-05T23:59:00Z"},
    /* Clocks go forward, in Berlin at 2026-03-29T01:00Z from 02:00 to 03:00, a Sunday */
    {R("g") "hours = Sun 01:00-04:00 Europe/Berlin\n", "2026-03-29T00:30:00Z",
     "permitted r<2026-03-29T02:00:00Z"},
    {R("g") "hours = Sun 02:00-03:00 Europe/Berlin\n", "2026-03-29T00:59:59Z", "denied hours g"},
    {R("g") "hours = Sun 02:00-03:00 Europe/Berlin\n", "2026-03-29T01:00:00Z", "denied hours g"},
    {R("g") "hours = Sun 01:00-02:30 Europe/Berlin\n", "2026-03-29T00:30:00Z",
     "permitted r<2026-03-29T01:00:00Z"},
    {R("g") "hours = Sun 02:30-05:00 Europe/Berlin\n", "2026-03-29T00:59:59Z", "denied hours g"},
    {R("g") "hours = Sun 02:30-05:00 Europe/Berlin\n", "2026-03-29T01:00:00Z",
     "permitted r<2026-03-29T03:00:00Z"},
    {R("g") "hours = Sun 01:00-02:00 Europe/Berlin\n  Sun 03:00-04:00\n", "2026-03-29T00:30:00Z",
     "permitted r<2026-03-29T02:00:00Z"},
    {R("g") NIGHT("Sat") "Europe/Berlin\n", "2026-03-28T21:00:00Z",
     "permitted r<2026-03-29T04:00:00Z"},
    {R("g") NIGHT("Sat") "Europe/Berlin\n", "2026-03-29T04:00:00Z", "denied hours g"},
    {R("g") "hours = Fri-Mon 00:00-24:00 Europe/Berlin\n", "2026-03-27T12:00:00Z",
     "permitted r<2026-03-30T22:00:00Z"},
    /* and back, at 2026-10-25T01:00Z from 03:00 to 02:00 */
    {R("g") "hours = Sun 01:00-04:00 Europe/Berlin\n", "2026-10-24T23:30:00Z",
     "permitted r<2026-10-25T03:00:00Z"},
    {R("g") "hours = Sun 01:00-02:30 Europe/Berlin\n", "2026-10-25T00:15:00Z",
     "permitted r<2026-10-25T00:30:00Z"},
    {R("g") "hours = Sun 01:00-02:30 Europe/Berlin\n", "2026-10-25T00:45:00Z", "denied hours g"},
    {R("g") "hours = Sun 01:00-02:30 Europe/Berlin\n", "2026-10-25T01:15:00Z",
     "permitted r<2026-10-25T01:30:00Z"},
    {R("g") "hours = Sun 02:30-03:00 Europe/Berlin\n", "2026-10-25T00:30:00Z",
     "permitted r<2026-10-25T01:00:00Z"},
    {R("g") "hours = Sun 02:30-03:00 Europe/Berlin\n", "2026-10-25T01:00:00Z", "denied hours g"},
    {R("g") "hours = Sun 02:30-03:00 Europe/Berlin\n", "2026-10-25T01:30:00Z",
     "permitted r<2026-10-25T02:00:00Z"},
    {R("g") "hours = Sun 02:00-03:00 Europe/Berlin\n", "2026-10-25T00:00:00Z",
     "permitted r<2026-10-25T02:00:00Z"},
    {R("g") NIGHT("Sat") "Europe/Berlin\n", "2026-10-24T21:00:00Z",
     "permitted r<2026-10-25T05:00:00Z"},
    /* in New York at 2026-03-08T07:00Z and 2026-11-01T06:00Z, Sundays too */
    {R("g") "hours = Sun 01:30-03:30 America/New_York\n", "2026-03-08T06:45:00Z",
     "permitted r<2026-03-08T07:30:00Z"},
    {R("g") "hours = Sun 00:00-02:15 America/New_York\n", "2026-03-08T06:45:00Z",
     "permitted r<2026-03-08T07:00:00Z"},
    {R("g") "hours = Sun 02:00-03:00 America/New_York\n", "2026-03-08T07:00:00Z", "denied hours g"},
    {R("g") "hours = Sun 00:00-01:30 America/New_York\n", "2026-11-01T04:00:00Z",
     "permitted r<2026-11-01T05:30:00Z"},
    {R("g") "hours = Sun 00:00-01:30 America/New_York\n", "2026-11-01T05:30:00Z", "denied hours g"},
    {R("g") "hours = Sun 00:00-01:30 America/New_York\n", "2026-11-01T06:00:00Z",
     "permitted r<2026-11-01T06:30:00Z"},
    {R("g") "hours = Sun 00:00-03:00 America/New_York\n", "2026-11-01T04:00:00Z",
     "permitted r<2026-11-01T08:00:00Z"},
    /* by half an hour, on Lord Howe Island at 2026-04-04T15:00Z from 02:00 back */
    {R("g") "hours = Sun 01:00-01:45 Australia/Lord_Howe\n", "2026-04-04T14:00:00Z",
     "permitted r<2026-04-04T14:45:00Z"},
    {R("g") "hours = Sun 01:00-01:45 Australia/Lord_Howe\n", "2026-04-04T15:00:00Z",
     "permitted r<2026-04-04T15:15:00Z"},
    {R("g") "hours = Sun 01:00-02:00 Australia/Lord_Howe\n", "2026-04-04T14:00:00Z",
     "permitted r<2026-04-04T15:30:00Z"},
    /* over midnight itself, in Santiago at 2026-04-05T03:00Z from Sunday 00:00 back to Saturday */
    {R("g") "hours = Sat 00:00-24:00 America/Santiago\n", "2026-04-05T02:59:59Z",
     "permitted r<2026-04-05T04:00:00Z"},
    /* The earlier of two ends of a grant, the later of two grants of a role */
    {R("g") OFFICE "UTC\nuntil = 2026-03-30T13:00Z\n", "2026-03-30T12:00:00Z",
     "permitted r<2026-03-30T13:00:00Z"},
    {R("g") OFFICE "UTC\nuntil = 2026-03-30\n", "2026-03-30T12:00:00Z",
     "permitted r<2026-03-30T18:00:00Z"},
    {R("g") OFFICE "UTC\n" RS("h") "until = 2026-03-30T13:00Z\n", "2026-03-30T12:00:00Z",
     "permitted r<2026-03-30T18:00:00Z s<2026-03-30T13:00:00Z"},
    {R("g") "until = 2026-03-30T13:00Z\n" RS("h") OFFICE "UTC\n", "2026-03-30T12:00:00Z",
     "permitted r<2026-03-30T18:00:00Z s<2026-03-30T18:00:00Z"},
    {R("g") OFFICE "UTC\n" R("h"), "2026-03-30T12:00:00Z", "permitted r"},
    {R("g") R("h") OFFICE "UTC\n", "2026-03-30T12:00:00Z", "permitted r"},
    {R("g") OFFICE "UTC\n" RS("h") "since = 2026-03-31T00:00Z\n", "2026-03-30T12:00:00Z",
     "permitted r<2026-03-30T18:00:00Z"},
    /* Which is told, where none holds: the first, and rather one that has not ended */
    {R("g") "until = 2026-03-30T00:00Z\n" R("h") "until = 2026-03-30T00:00Z\n",
     "2026-03-30T12:00:00Z", "denied ended g"},
    {R("g") "until = 2026-03-30T00:00Z\n" R("h") "since = 2026-03-31T00:00Z\n",
     "2026-03-30T12:00:00Z", "denied not-yet h"},
    {R("g") "since = 2026-03-31T00:00Z\n" R("h") "until = 2026-03-30T00:00Z\n",
     "2026-03-30T12:00:00Z", "denied not-yet g"},
    {R("g") "until = 2026-03-30T00:00Z\n" R("h") OFFICE "UTC\n" R("i") "since = 2030-01-01\n",
     "2026-03-30T20:00:00Z", "denied hours h"},
    {R("g") "until = 2026-03-30T00:00Z\n" OFFICE "UTC\n", "2026-03-30T20:00:00Z", "denied ended g"},
    {"[grant g]\nusers = bob\nroles = r\nuntil = 2026-03-30T00:00Z\n", "2026-03-30T12:00:00Z",
     "no-grant"},
    {R("g") "services = sudo\nuntil = 2026-03-30T00:00Z\n", "2026-03-30T12:00:00Z", "no-grant"},
    {R("g") "until = 2026-03-30T00:00Z\n[deny d]\nusers = alice\n", "2026-03-30T12:00:00Z",
     "denied"},
    {R("g") "[deny d]\nusers = alice\nroles = r\n" RS("h") "until = 2026-03-30T00:00Z\n",
     "2026-03-30T12:00:00Z", "denied"},
    /* After logout a grant holds for its detach and no longer */
    {R("g"), "2026-03-30T12:00:00Z+0", "denied detached g"},
    {R("g") "detach = 12h\n", "2026-03-30T12:00:00Z", "permitted r detach 43200"},
    {R("g") "detach = 12h\n", "2026-03-30T12:00:00Z+0",
     "permitted r<2026-03-31T00:00:00Z detach 43200"},
    {R("g") "detach = 12h\n", "2026-03-30T12:00:00Z+43199",
     "permitted r<2026-03-30T12:00:01Z detach 43200"},
    {R("g") "detach = 12h\n", "2026-03-30T12:00:00Z+43200", "denied detached g"},
    {RS("g") "detach = 1h\n" R("h") "detach = 2h\n", "2026-03-30T12:00:00Z",
     "permitted r detach 7200 s detach 3600"},
    {RS("g") "detach = 1h\n" R("h") "detach = 2h\n", "2026-03-30T12:00:00Z+5400",
     "permitted r<2026-03-30T12:30:00Z detach 7200"},
    {RS("g") "default = s\n" R("h") "detach = 2h\n", "2026-03-30T12:00:00Z+5400",
     "permitted r<2026-03-30T12:30:00Z detach 7200"},
    {R("g") "detach = 12h\n" OFFICE "UTC\n", "2026-03-30T12:00:00Z+60",
     "permitted r<2026-03-30T18:00:00Z detach 43200"},
    {R("g") "detach = 12h\n" OFFICE "UTC\n", "2026-03-30T18:00:00Z+60", "denied hours g"},
    {R("g") "detach = 12h\nuntil = 2026-03-30T13:00Z\n", "2026-03-30T12:00:00Z+60",
     "permitted r<2026-03-30T13:00:00Z detach 43200"},
    {R("g") "detach = 12h\nuntil = 2026-03-30T12:00Z\n", "2026-03-30T12:00:00Z+60",
     "denied ended g"},
};

static time_t instant(const char *text)
{
    struct tm utc = {.tm_mday = 1};

    assert_non_null(strptime(text, "%Y-%m-%dT%H:%M:%SZ", &utc));
    return timegm(&utc);
}

/* A decision as the table writes it. */
static void write_decision(const struct decision *decision, char text[256])
{
    static const char *const reasons[] = {[UNMET_ENDED] = "ended",
                                          [UNMET_NOT_YET] = "not-yet",
                                          [UNMET_HOURS] = "hours",
                                          [UNMET_DETACHED] = "detached"};

    text += sprintf(text, "%s", status_name(decision->status));
    for (size_t i = 0; i < decision->role_count; i++) {
        const struct permitted_role *permitted = &decision->roles[i];
        struct tm utc;

        text += sprintf(text, " %s", permitted->role->name);
        if (permitted->ends != 0)
            text += strftime(text, 32, "<%Y-%m-%dT%H:%M:%SZ", gmtime_r(&permitted->ends, &utc));
        if (permitted->detach != 0)
            text += sprintf(text, " detach %d", permitted->detach);
    }
    if (decision->unmet != UNMET_NONE)
        sprintf(text, " %s %s", reasons[decision->unmet], decision->unmet_grant->name);
}

static void decide_at(const struct policy *policy, const char *when, struct decision *decision)
{
    const char *ended = strchr(when, '+');
    struct login login = {.user = "alice",
                          .human = "alice",
                          .service = "sshd",
                          .now = instant(when),
                          .ended = ended != NULL,
                          .ended_for = ended != NULL ? atol(ended + 1) : 0};

    assert_int_equal(decide(policy, &login, NULL, decision), 0);
}

static void each_login_is_decided_by_its_time_as_the_table_says(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct decision decision;
        struct policy *policy;
        char text[4096], got[256];

        snprintf(text, sizeof text, "%s%s", HEAD ROLES, cases[i].rules);
        policy = good_policy(text);
        assert_non_null(policy);
        decide_at(policy, cases[i].now, &decision);
        write_decision(&decision, got);
        if (strcmp(got, cases[i].expected) != 0) {
            print_error("%s%s\nexpected %s\ngot      %s\n", cases[i].rules, cases[i].now,
                        cases[i].expected, got);
            wrong++;
        }
        decision_free(&decision);
        policy_free(policy);
    }
    assert_int_equal(wrong, 0);
}

static void the_role_at_login_is_of_a_grant_that_holds(void **state)
{
    struct policy *policy =
        good_policy(HEAD ROLES RS("g") "default = s\nsince = 2030-01-01\n" RS("h") "default = r\n");
    struct decision decision;

    (void)state;
    assert_non_null(policy);
    decide_at(policy, "2026-03-30T12:00:00Z", &decision);
    assert_string_equal(decision.login_role->name, "r");
    assert_string_equal(decision.because->name, "h");
    assert_string_equal(decision.roles[0].grant->name, "h");
    decision_free(&decision);
    policy_free(policy);
}

/* What becomes of a login when the file of a time zone is gone since the policy was read. */
static void a_time_zone_that_cannot_be_read_gives_nothing_and_is_told(void **state)
{
    static char gone[] = "/usr/share/zoneinfo/Gone";
    static const struct {
        const char *more_rules;
        enum status status;
        bool told;
    } logins[] = {
        {"", STATUS_UNAVAILABLE, true},
        {"[grant h]\nusers = alice\nroles = s\n", STATUS_PERMITTED, false},
        {"[grant h]\nusers = alice\nroles = s\nsince = 2030-01-01\n", STATUS_UNAVAILABLE, true},
        {"[deny d]\nusers = alice\n", STATUS_DENIED, false},
    };

    (void)state;
    for (size_t i = 0; i < sizeof logins / sizeof *logins; i++) {
        struct policy *policy;
        struct decision decision;
        char text[1024];

        snprintf(text, sizeof text, "%s%s", HEAD ROLES R("g") WHOLE_WEEK "Europe/Berlin\n",
                 logins[i].more_rules);
        policy = good_policy(text);
        assert_non_null(policy);
        assert_int_equal(policy->zones.count, 1);
        policy->zones.items[0] = gone;
        decide_at(policy, "2026-03-30T12:00:00Z", &decision);
        assert_int_equal(decision.status, logins[i].status);
        assert_ptr_equal(decision.unreadable_zone, logins[i].told ? gone : NULL);
        assert_int_equal(decision.unmet, UNMET_NONE);
        if (decision.status == STATUS_PERMITTED)
            assert_string_equal(decision.roles[0].role->name, "s");
        decision_free(&decision);
        policy_free(policy);
    }
}

/* Hours in quarters of an hour on some days, as the second reading below has them. */
struct plain_hours {
    unsigned days; /* 1 << tm_wday */
    int from, to;  /* minutes */
};

/* Whether they hold, by the local time of the process. */
static bool plainly_hold(const struct plain_hours *hours, time_t at)
{
    struct tm local;
    int minute;
    bool today, yesterday;

    localtime_r(&at, &local);
    minute = local.tm_hour * 60 + local.tm_min;
    today = (hours->days & (1U << local.tm_wday)) != 0;
    yesterday = (hours->days & (1U << ((local.tm_wday + 6) % 7))) != 0;
    if (hours->from < hours->to)
        return today && minute >= hours->from && minute < hours->to;
    return (today && minute >= hours->from) || (yesterday && minute < hours->to);
}

/* The next quarter of an hour at which they do not hold, within eight days; or 0. */
static time_t plain_end(const struct plain_hours *hours, time_t now)
{
    for (time_t at = now - now % 900; at < now + 8 * 86400; at += 900)
        if (at > now && !plainly_hold(hours, at))
            return at;
    return 0;
}

static void hours_hold_and_end_as_a_plain_reading_of_the_clocks_says(void **state)
{
    static const char *const zones[] = {"Europe/Berlin",       "America/New_York", "Asia/Kolkata",
                                        "Australia/Lord_Howe", "America/Santiago", "UTC",
                                        "Pacific/Chatham",     "Africa/Casablanca"};
    static const char *const changes[] = {"2026-03-29T01:00:00Z", "2026-03-08T07:00:00Z",
                                          "2026-07-01T00:00:00Z", "2026-04-04T15:00:00Z",
                                          "2026-09-06T04:00:00Z", "2026-10-25T01:00:00Z",
                                          "2026-09-26T14:00:00Z", "2026-03-22T02:00:00Z"};
    static const char days[][4] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    unsigned held = 0, ended = 0;

    (void)state;
    srandom(20261125);
    for (unsigned round = 0; round < 600; round++) {
        const char *zone = zones[random() % 8];
        time_t now = instant(changes[random() % 8]) - 4 * 86400 + random() % (8 * 86400);
        struct plain_hours hours = {(unsigned)random() % 127 + 1, (int)(random() % 96) * 15,
                                    (int)(random() % 96) * 15};
        struct login login = {.user = "alice", .human = "alice", .service = "sshd", .now = now};
        struct decision decision;
        struct policy *policy;
        char text[1024], list[64] = "";
        time_t end;

        if (hours.from == hours.to)
            hours.to = 24 * 60;
        for (unsigned day = 0; day < 7; day++)
            if ((hours.days & (1U << day)) != 0)
                sprintf(list + strlen(list), "%s%s", list[0] != '\0' ? "," : "", days[day]);
        snprintf(text, sizeof text, "%shours = %s %02d:%02d-%02d:%02d %s\n", HEAD ROLES R("g"),
                 list, hours.from / 60, hours.from % 60, hours.to / 60, hours.to % 60, zone);
        policy = good_policy(text);
        assert_non_null(policy);
        assert_int_equal(decide(policy, &login, NULL, &decision), 0);

        setenv("TZ", zone, 1);
        tzset();
        if (!plainly_hold(&hours, now)) {
            if (decision.status != STATUS_DENIED)
                fail_msg("%s at %ld: permitted", text, (long)now);
        } else {
            end = plain_end(&hours, now);
            if (decision.status != STATUS_PERMITTED || decision.roles[0].ends != end)
                fail_msg("%s at %ld: %s until %ld, expected %ld", text, (long)now,
                         status_name(decision.status),
                         decision.role_count > 0 ? (long)decision.roles[0].ends : -1, (long)end);
            held++;
            ended += end != 0;
        }
        unsetenv("TZ");
        decision_free(&decision);
        policy_free(policy);
    }
    assert_true(held > 100);
    assert_true(ended > 100);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_login_is_decided_by_its_time_as_the_table_says),
        cmocka_unit_test(the_role_at_login_is_of_a_grant_that_holds),
        cmocka_unit_test(a_time_zone_that_cannot_be_read_gives_nothing_and_is_told),
        cmocka_unit_test(hours_hold_and_end_as_a_plain_reading_of_the_clocks_says),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
