/*
 * Switching TZ.
 *
 * Threads of libraries may read the environment meanwhile (libcurl's resolver asks for
 * LOCALDOMAIN and RES_OPTIONS), and libc's setenv and putenv move the list of variables when one is
 * added. So TZ is added once, as bytes of our own that stay in place, and from then on those behind
 * its "TZ=" are written over: the list and the names in it, which are all that a search for another
 * variable looks at, never change again. Nothing is allocated, so nothing grows with each switch,
 * and only a thread that asks for the local time itself would see another zone.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/zone.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "policy/values.h"

#define ZONE_FOLDER "/usr/share/zoneinfo/"
#define VALUE_SIZE  (PATH_MAX + sizeof ":")
#define DAY         ((time_t)24 * 60 * 60)

static char entry[sizeof "TZ=" + VALUE_SIZE] = "TZ=";
static char *const value = entry + sizeof "TZ=" - 1;
static char home[VALUE_SIZE]; /* what TZ is outside this file */

int zone_prepare(void)
{
    const char *own = getenv("TZ");

    if (own == value)
        return 0;
    if (own == NULL)
        own = ":" ZONE_HOST;
    if (strlen(own) >= VALUE_SIZE)
        return ENAMETOOLONG;
    strcpy(home, own);
    strcpy(value, own);
    return putenv(entry) == 0 ? 0 : ENOMEM;
}

static void leave(void)
{
    strcpy(value, home);
    tzset();
}

/* Makes the zone the process's own. Returns 0, and leave is due; or an errno. */
static int enter(const char *file)
{
    int error = zone_prepare(), descriptor;

    if (error != 0)
        return error;
    /* libc takes UTC for a file that it cannot read, without a word. */
    descriptor = open(file, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (descriptor >= 0)
        close(descriptor);
    else if (errno != ENOENT || strcmp(file, ZONE_HOST) != 0)
        return errno;
    /* It reads a file that may have been replaced only when TZ has another value than before. */
    strcpy(value, "UTC0");
    tzset();
    snprintf(value, VALUE_SIZE, ":%s", file);
    tzset();
    return 0;
}

bool zone_file(const char *name, char file[ZONE_FILE_SIZE])
{
    /* Without a dot in it, no name leads out of the folder. */
    return *name != '/' && value_is_of(name, VALUE_WORD_BYTES "+-/", 1, 255) &&
           snprintf(file, ZONE_FILE_SIZE, ZONE_FOLDER "%s", name) < ZONE_FILE_SIZE;
}

bool zone_is_there(const char *file)
{
    /* First bytes of every such file: tzfile(5). The folder has tables and texts as well. */
    static const char magic[] = {'T', 'Z', 'i', 'f'};
    char first[sizeof magic];
    FILE *stream = fopen(file, "re");
    bool there;

    if (stream == NULL)
        return false;
    there = fread(first, sizeof first, 1, stream) == 1 && memcmp(first, magic, sizeof magic) == 0;
    fclose(stream);
    return there;
}

/*
 * The first instant after `before` and not after `after` at which what `is_past` says of the local
 * time is true; it is false at `before`, true at `after`, and changes once. `than` is for is_past.
 */
static time_t first_instant(time_t before, time_t after,
                            bool (*is_past)(const struct tm *local, const struct tm *than),
                            const struct tm *than)
{
    while (after - before > 1) {
        time_t middle = before + (after - before) / 2;
        struct tm local;

        if (localtime_r(&middle, &local) != NULL && is_past(&local, than))
            after = middle;
        else
            before = middle;
    }
    return after;
}

static bool has_other_offset(const struct tm *local, const struct tm *than)
{
    return local->tm_gmtoff != than->tm_gmtoff;
}

static bool is_not_before_date(const struct tm *local, const struct tm *than)
{
    if (local->tm_year != than->tm_year)
        return local->tm_year > than->tm_year;
    if (local->tm_mon != than->tm_mon)
        return local->tm_mon > than->tm_mon;
    return local->tm_mday >= than->tm_mday;
}

/* Looks for changes day by day: no zone has ever had two of them in one day. */
static void look_ahead(struct tm local, struct zone_clock *clock)
{
    time_t day;

    for (day = 1; day <= 8; day++) {
        time_t at = clock->now + day * DAY;
        struct tm later;

        if (localtime_r(&at, &later) == NULL || later.tm_gmtoff == local.tm_gmtoff)
            continue;
        at = first_instant(at - DAY, at, has_other_offset, &local);
        if (clock->change != 0) {
            clock->known_until = at;
            break;
        }
        clock->change = at;
        clock->forward = (int)(later.tm_gmtoff - local.tm_gmtoff);
        local = later;
    }
}

int zone_look(const char *file, time_t now, struct zone_clock *clock)
{
    int error = enter(file);
    struct tm local;

    *clock = (struct zone_clock){.now = 0};
    if (error != 0)
        return error;
    *clock = (struct zone_clock){.now = now, .known_until = now + 8 * DAY};
    if (localtime_r(&now, &local) == NULL) {
        *clock = (struct zone_clock){.now = 0};
        error = EOVERFLOW;
    } else {
        clock->second_of_week =
            (((local.tm_wday + 6) % 7 * 24 + local.tm_hour) * 60 + local.tm_min) * 60 +
            local.tm_sec;
        look_ahead(local, clock);
    }
    leave();
    return error;
}

int zone_second_of_week(const struct zone_clock *clock, time_t at)
{
    time_t second = clock->second_of_week + (at - clock->now);

    if (clock->change != 0 && at >= clock->change)
        second += clock->forward;
    return (int)((second + ZONE_WEEK) % ZONE_WEEK);
}

/* The first instant of the date in the zone that is the process's own. */
static time_t day_begin(const struct tm *date)
{
    struct tm utc = *date, local;
    time_t midnight = timegm(&utc), guess;

    /* Mostly it is midnight by the clocks of about that time. */
    if (localtime_r(&midnight, &local) != NULL) {
        guess = midnight - local.tm_gmtoff - 1;
        if (localtime_r(&guess, &local) != NULL && !is_not_before_date(&local, &utc)) {
            guess++;
            if (localtime_r(&guess, &local) != NULL && is_not_before_date(&local, &utc))
                return guess;
        }
    }
    /* Midnight in UTC is less than a day from the one in any zone. */
    return first_instant(midnight - DAY, midnight + DAY, is_not_before_date, &utc);
}

static bool is_same_day(const struct tm *one, const struct tm *other)
{
    return one->tm_mday == other->tm_mday && one->tm_mon == other->tm_mon &&
           one->tm_year == other->tm_year;
}

int zone_days_begin(const char *file, const struct zone_day *days, size_t count)
{
    int error = enter(file);
    size_t i;

    if (error != 0)
        return error;
    for (i = 0; i < count; i++)
        /* Many rules end on one day. */
        if (i > 0 && is_same_day(&days[i].date, &days[i - 1].date))
            *days[i].begin = *days[i - 1].begin;
        else
            *days[i].begin = day_begin(&days[i].date);
    leave();
    return 0;
}
