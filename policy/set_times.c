/*
 * Keys of [grant] and [pattern] about time: from when, until when, and how long after logout. The
 * hours of the week are in set_hours.c.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/keys.h"
#include "policy/values.h"
#include "policy/zone.h"

#define FARTHEST_ZONE (14L * 60 * 60) /* seconds from UTC */
#define DATE_SIZE     sizeof "YYYY-MM-DD"

/* The days of a month, 0 for January, by the Gregorian calendar. */
static int days_in_month(int month, int year)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    bool leaps = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);

    return days[month] + (month == 1 && leaps);
}

/* "YYYY-MM-DD", of the year 2000 or later: sets the year, month and day of *date. */
static bool read_date(const char *text, struct tm *date)
{
    int year, month, day;

    if (!value_has_shape(text, "0000-00-00"))
        return false;
    year = value_two_digits(text) * 100 + value_two_digits(text + 2);
    month = value_two_digits(text + 5) - 1;
    day = value_two_digits(text + 8);
    if (year < 2000 || month < 0 || month > 11 || day < 1 || day > days_in_month(month, year))
        return false;
    *date = (struct tm){.tm_year = year - 1900, .tm_mon = month, .tm_mday = day};
    return true;
}

/* Copies to `day` what the text begins with, if that is like a date, with a T or nothing behind. */
static bool begins_with_date(const char *text, char day[DATE_SIZE])
{
    *stpncpy(day, text, DATE_SIZE - 1) = '\0';
    return value_has_shape(day, "0000-00-00") && strchr("T", text[DATE_SIZE - 1]) != NULL;
}

/* "YYYY-MM-DDTHH:MM[:SS]" and Z or the distance from UTC: sets *at. */
static bool read_instant(const char *text, time_t *at)
{
    static const struct {
        const char *shape;
        const char *format; /* of strptime(3) */
    } forms[] = {
        {"0000-00-00T00:00Z", "%Y-%m-%dT%H:%M%z"},
        {"0000-00-00T00:00:00Z", "%Y-%m-%dT%H:%M:%S%z"},
        {"0000-00-00T00:00+00:00", "%Y-%m-%dT%H:%M%z"},
        {"0000-00-00T00:00:00+00:00", "%Y-%m-%dT%H:%M:%S%z"},
    };
    struct tm read = {.tm_mday = 1}, normal, date;
    char day[DATE_SIZE];
    size_t i;

    for (i = 0; i < sizeof forms / sizeof *forms; i++)
        if (value_has_shape(text, forms[i].shape))
            break;
    if (i == sizeof forms / sizeof *forms || !begins_with_date(text, day) ||
        !read_date(day, &date) || strptime(text, forms[i].format, &read) == NULL)
        return false;
    normal = read;
    *at = timegm(&normal) - read.tm_gmtoff;
    /* strptime(3) takes leap seconds. */
    return read.tm_sec == normal.tm_sec && labs(read.tm_gmtoff) <= FARTHEST_ZONE;
}

/* Whether the text begins as a date does, or is one, and there is no such day that we know. */
static bool is_no_day(const char *text)
{
    char day[DATE_SIZE];
    struct tm date;

    return begins_with_date(text, day) && !read_date(day, &date);
}

/* Notes what the key says, an instant or a date that finish_dates makes one of. */
static void set_moment(struct loader *loader, struct moment *moment, const struct entry *entry)
{
    char *text = entry->values[0].text;
    struct tm date;

    if (read_date(text, &date) || read_instant(text, &moment->at)) {
        loader->has_moments = true;
        moment->text = text;
        moment->where = entry->at;
        return;
    }
    moment->at = 0;
    if (is_no_day(text))
        loader_error(loader, entry->at,
                     "%s = %s: there is no such day in the calendar from the year 2000 on",
                     entry->key->name, text);
    else
        loader_error(loader, entry->at,
                     "%s = %s: write a date such as 2027-03-31, or an instant such as "
                     "2027-03-31T18:00Z or 2027-03-31T18:00+02:00",
                     entry->key->name, text);
}

void set_since(struct loader *loader, struct target *target, const struct entry *entry)
{
    target->grant->condition_at[CONDITION_SINCE] = entry->at;
    set_moment(loader, &target->grant->since, entry);
}

void set_until(struct loader *loader, struct target *target, const struct entry *entry)
{
    target->grant->condition_at[CONDITION_UNTIL] = entry->at;
    set_moment(loader, &target->grant->until, entry);
}

void set_detach(struct loader *loader, struct target *target, const struct entry *entry)
{
    const char *text = entry->values[0].text;
    long seconds;

    target->grant->condition_at[CONDITION_DETACH] = entry->at;
    if (!value_number(text, value_time_units, 60, 30L * 24 * 60 * 60, &seconds)) {
        loader_error(loader, entry->at, "detach = %s: write 12h or 2d, from 1m to 30d", text);
        return;
    }
    target->grant->detach = (int)seconds;
    if (target->grant->detach > loader->policy->longest_detach)
        loader->policy->longest_detach = target->grant->detach;
}

/* Adds the day that the moment waits for, if it does: `later` days after its date. */
static void add_day(struct moment *moment, int later, struct zone_day *days, size_t *count)
{
    struct tm date;

    if (moment->text == NULL || moment->at != 0 || !read_date(moment->text, &date))
        return;
    date.tm_mday += later;
    days[(*count)++] = (struct zone_day){date, &moment->at};
}

/* The number of grants and patterns, and the one at this place among them. */
static size_t rule_count(const struct policy *policy)
{
    return policy->grant_count + policy->pattern_count;
}

static struct grant *rule_at(struct policy *policy, size_t place)
{
    return place < policy->grant_count ? &policy->grants[place]
                                       : &policy->patterns[place - policy->grant_count].rule;
}

/* Makes points in time of the dates of all rules that follow this zone. */
static void finish_zone(struct loader *loader, size_t zone, struct zone_day *days)
{
    struct policy *policy = loader->policy;
    const char *file = zone < policy->zones.count ? policy->zones.items[zone] : ZONE_HOST;
    struct position nowhere = {loader->path, 0};
    size_t count = 0, i;
    int error = 0;

    for (i = 0; i < rule_count(policy); i++) {
        struct grant *grant = rule_at(policy, i);
        size_t followed = grant->hours.text != NULL ? grant->hours.zone : policy->zones.count;

        if (followed != zone)
            continue;
        add_day(&grant->since, 0, days, &count);
        /* The last day counts: it is over where the next begins. */
        add_day(&grant->until, 1, days, &count);
    }
    if (count > 0)
        error = zone_days_begin(file, days, count);
    if (error != 0)
        loader_error(loader, nowhere, "the time zone in %s, which dates follow, cannot be read: %s",
                     file, strerror(error));
}

void finish_dates(struct loader *loader)
{
    struct policy *policy = loader->policy;
    struct zone_day *days;
    size_t i;

    if (!loader->has_moments)
        return;
    days = arena_alloc(&loader->scratch, rule_count(policy) * 2, sizeof *days);
    /* The host's comes last: dates follow it where no hours name another. */
    for (i = 0; days != NULL && i <= policy->zones.count; i++)
        finish_zone(loader, i, days);
    for (i = 0; i < rule_count(policy); i++) {
        const struct grant *grant = rule_at(policy, i);

        if (grant->until.at != 0 && grant->until.at <= grant->since.at)
            loader_error(loader, grant->until.where,
                         "until = %s is over before since = %s, so [%s] would never hold",
                         grant->until.text, grant->since.text, grant->title);
    }
}
