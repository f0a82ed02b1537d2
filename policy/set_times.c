/*
 * Keys of [grant] and [pattern] about time: from when, until when, in which hours, and how long
 * after logout.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "policy/hours.h"
#include "policy/keys.h"
#include "policy/values.h"
#include "policy/zone.h"

#define DAYS_IN_WEEK   7
#define FARTHEST_ZONE  (14L * 60 * 60) /* seconds from UTC */
#define HOST_ZONE_TEXT "in the host's time zone"

/* A line of `hours`, in its words. */
struct hours_line {
    const struct value *days;
    const struct value *times;
    const struct value *zone; /* NULL where it has none */
};

static int digits(const char *two)
{
    return (two[0] - '0') * 10 + (two[1] - '0');
}

/* The day that *text begins with, 0 for Monday, and moves *text past it; or -1. */
static int read_day(const char **text)
{
    static const char names[][4] = {"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
    int day;

    for (day = 0; day < DAYS_IN_WEEK; day++)
        if (strncmp(*text, names[day], 3) == 0) {
            *text += 3;
            return day;
        }
    return -1;
}

/*
 * "Mon", "Mon,Wed", "Mon-Fri", "Fri-Mon" or a list of such: sets the bit 1 << day for each. A range
 * from a day to itself could mean one day or eight of them, so it is none.
 */
static bool read_days(const char *text, unsigned *days)
{
    int from, to;

    *days = 0;
    do {
        from = to = read_day(&text);
        if (from >= 0 && *text == '-') {
            text++;
            to = read_day(&text);
            if (to == from)
                return false;
        }
        if (from < 0 || to < 0)
            return false;
        *days |= 1U << to;
        for (; from != to; from = (from + 1) % DAYS_IN_WEEK)
            *days |= 1U << from;
    } while (*text++ == ',');
    return text[-1] == '\0';
}

/* "HH:MM-HH:MM": sets *from and *to to minutes of a day, of the next where *to is less. */
static bool read_times(const char *text, int *from, int *to)
{
    if (!value_has_shape(text, "00:00-00:00") || digits(text + 3) > 59 || digits(text + 9) > 59)
        return false;
    *from = digits(text) * 60 + digits(text + 3);
    *to = digits(text + 6) * 60 + digits(text + 9);
    return *from < HOURS_DAY && *to <= HOURS_DAY && *from != *to;
}

static void add_span(struct loader *loader, struct hours *hours, int from, int to)
{
    struct span *spans =
        arena_grow(&loader->policy->memory, hours->spans, hours->count, sizeof *spans);

    if (spans == NULL)
        return;
    hours->spans = spans;
    hours->spans[hours->count++] = (struct span){from, to};
}

/* Adds these hours of each of the days; what is past midnight belongs to the day it began on. */
static void add_spans(struct loader *loader, struct hours *hours, unsigned days, int from, int to)
{
    int length = to > from ? to - from : to - from + HOURS_DAY;
    int day;

    for (day = 0; day < DAYS_IN_WEEK; day++) {
        int begin = day * HOURS_DAY + from;
        int end = begin + length;

        if ((days & (1U << day)) == 0)
            continue;
        add_span(loader, hours, begin, end < HOURS_WEEK ? end : HOURS_WEEK);
        if (end > HOURS_WEEK)
            add_span(loader, hours, 0, end - HOURS_WEEK);
    }
}

/*
 * The place of a zone's file in policy->zones, where it is put if it is a time zone's; the number
 * of zones when it is none.
 */
static size_t place_zone(struct loader *loader, const char *file)
{
    struct texts *zones = &loader->policy->zones;
    struct arena *memory = &loader->policy->memory;
    size_t i;
    char **items;

    for (i = 0; i < zones->count; i++)
        if (strcmp(zones->items[i], file) == 0)
            return i;
    if (strcmp(file, ZONE_HOST) != 0 && !zone_is_there(file))
        return i;
    items = arena_grow(memory, zones->items, zones->count, sizeof *items);
    if (items == NULL)
        return i;
    zones->items = items;
    items[i] = arena_text(memory, file, strlen(file));
    if (items[i] != NULL)
        zones->count++;
    return i;
}

/*
 * Takes the next line of the entry from *words on, and moves *words past it. Returns false when it
 * is not DAYS TIMES or DAYS TIMES ZONE.
 */
static bool next_line(const struct entry *entry, size_t *words, struct hours_line *line)
{
    const struct value *values = &entry->values[*words];
    size_t count = 0;

    while (*words < entry->value_count && entry->values[*words].at.line == values->at.line) {
        ++*words;
        count++;
    }
    *line = (struct hours_line){values, values + 1, count == 3 ? values + 2 : NULL};
    return count == 2 || count == 3;
}

/* Understands one line. Returns false when it is wrong, which the loader has been told. */
static bool add_line(struct loader *loader, struct hours *hours, const struct hours_line *line)
{
    unsigned days;
    int from, to;

    if (!read_days(line->days->text, &days)) {
        loader_error(loader, line->days->at,
                     "hours: %s are no days; write Mon, Mon,Wed,Sat or Mon-Fri, of the days "
                     "Mon Tue Wed Thu Fri Sat Sun",
                     line->days->text);
        return false;
    }
    if (!read_times(line->times->text, &from, &to)) {
        loader_error(loader, line->times->at,
                     "hours: %s: write HH:MM-HH:MM, as in 08:00-18:00, 22:00-06:00 or, for the "
                     "whole day, 00:00-24:00",
                     line->times->text);
        return false;
    }
    add_spans(loader, hours, days, from, to);
    return true;
}

/* Takes the zone of a line for that of the grant. *zone is the value that named it before. */
static void take_zone(struct loader *loader, struct hours *hours, const struct hours_line *line,
                      const struct value **zone)
{
    const struct texts *zones = &loader->policy->zones;
    size_t place = zones->count;
    char file[ZONE_FILE_SIZE];

    if (line->zone == NULL)
        return;
    if (*zone == NULL) {
        *zone = line->zone;
        if (zone_file(line->zone->text, file))
            place = place_zone(loader, file);
        if (place < zones->count)
            hours->zone = place;
        else if (!loader->policy->memory.exhausted)
            loader_error(loader, line->zone->at,
                         "hours: unknown time zone %s; write one such as Europe/Berlin or UTC, "
                         "which has a file in /usr/share/zoneinfo (Debian's package tzdata)",
                         line->zone->text);
    } else if (strcmp((*zone)->text, line->zone->text) != 0) {
        loader_error(loader, line->zone->at,
                     "hours: time zone %s here and %s in line %u; one rule has one time zone",
                     line->zone->text, (*zone)->text, (*zone)->at.line);
    }
}

/* The hours in one line for messages, the zone once and at its end. */
static char *hours_text(struct loader *loader, const struct entry *entry, const struct value *zone)
{
    struct hours_line line;
    size_t size = sizeof " " HOST_ZONE_TEXT, i;
    char *text, *end;

    for (i = 0; i < entry->value_count; i++)
        size += strlen(entry->values[i].text) + 2;
    text = arena_alloc(&loader->policy->memory, size, 1);
    if (text == NULL)
        return NULL;
    for (i = 0, end = text; i < entry->value_count;) {
        if (i > 0)
            end = stpcpy(end, ", ");
        if (next_line(entry, &i, &line))
            end = stpcpy(stpcpy(stpcpy(end, line.days->text), " "), line.times->text);
    }
    stpcpy(stpcpy(end, " "), zone != NULL ? zone->text : HOST_ZONE_TEXT);
    return text;
}

/* Understands the lines of the entry. */
static void read_hours(struct loader *loader, struct hours *hours, const struct entry *entry)
{
    const struct value *zone = NULL;
    struct hours_line line;
    size_t i = 0;

    while (i < entry->value_count) {
        if (!next_line(entry, &i, &line))
            loader_error(loader, line.days->at,
                         "hours: write DAYS HH:MM-HH:MM ZONE, or without ZONE for the host's, as "
                         "in Mon-Fri 08:00-18:00 Europe/Berlin; one to a line");
        else if (add_line(loader, hours, &line))
            take_zone(loader, hours, &line, &zone);
    }
    if (zone == NULL)
        hours->zone = place_zone(loader, ZONE_HOST);
    hours_join(hours);
    hours->text = hours_text(loader, entry, zone);
}

/* The entry's lines as they were written, but for blanks; in scratch memory, or NULL. */
static char *written_lines(struct loader *loader, const struct entry *entry)
{
    size_t size = 1, i;
    char *lines, *end;

    for (i = 0; i < entry->value_count; i++)
        size += strlen(entry->values[i].text) + 1;
    lines = arena_alloc(&loader->scratch, size, 1);
    for (i = 0, end = lines; lines != NULL && i < entry->value_count; i++) {
        end = stpcpy(end, entry->values[i].text);
        *end++ =
            i + 1 < entry->value_count && entry->values[i].at.line == entry->values[i + 1].at.line
                ? ' '
                : '\n';
    }
    return lines;
}

/* Many rules have the same hours, which are understood once. Those that are wrong are not kept. */
void set_hours(struct loader *loader, struct target *target, const struct entry *entry)
{
    struct hours *hours = &target->grant->hours;
    char *lines = written_lines(loader, entry);
    size_t errors = loader->errors->count;
    struct known_hours *known;

    target->grant->condition_at[CONDITION_HOURS] = entry->at;
    if (lines == NULL)
        return;
    known = index_find(&loader->hours, lines);
    if (known != NULL) {
        *hours = known->hours;
        return;
    }
    read_hours(loader, hours, entry);
    known = arena_alloc(&loader->scratch, 1, sizeof *known);
    if (known == NULL || loader->errors->count > errors)
        return;
    *known = (struct known_hours){lines, *hours};
    if (index_add(&loader->hours, known) == NULL)
        loader->scratch.exhausted = true;
}

/* Whether a date exists as it was read, and is of the year 2000 or later. */
static bool is_same_date(const struct tm *read, const struct tm *normal)
{
    return read->tm_year >= 100 && read->tm_mon == normal->tm_mon &&
           read->tm_mday == normal->tm_mday;
}

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
    year = digits(text) * 100 + digits(text + 2);
    month = digits(text + 5) - 1;
    day = digits(text + 8);
    if (year < 2000 || month < 0 || month > 11 || day < 1 || day > days_in_month(month, year))
        return false;
    *date = (struct tm){.tm_year = year - 1900, .tm_mon = month, .tm_mday = day};
    return true;
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
    struct tm read = {.tm_mday = 1}, normal;
    size_t i;

    for (i = 0; i < sizeof forms / sizeof *forms; i++)
        if (value_has_shape(text, forms[i].shape))
            break;
    if (i == sizeof forms / sizeof *forms || strptime(text, forms[i].format, &read) == NULL)
        return false;
    normal = read;
    *at = timegm(&normal) - read.tm_gmtoff;
    return is_same_date(&read, &normal) && read.tm_sec == normal.tm_sec &&
           labs(read.tm_gmtoff) <= FARTHEST_ZONE;
}

/* Whether the text begins as a date does, or is one, and there is no such day that we know. */
static bool is_no_day(const char *text)
{
    char day[sizeof "YYYY-MM-DD"];
    struct tm date;

    if (strlen(text) < sizeof day - 1 ||
        (text[sizeof day - 1] != '\0' && text[sizeof day - 1] != 'T'))
        return false;
    *stpncpy(day, text, sizeof day - 1) = '\0';
    return value_has_shape(day, "0000-00-00") && !read_date(day, &date);
}

/* Notes what the key says, an instant or a date that finish_dates makes one of. */
static void set_moment(struct loader *loader, struct moment *moment, const struct entry *entry)
{
    char *text = entry->values[0].text;
    struct tm date;

    if (read_date(text, &date) || read_instant(text, &moment->at)) {
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
    struct zone_day *days = arena_alloc(&loader->scratch, rule_count(policy) * 2, sizeof *days);
    size_t i;

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
