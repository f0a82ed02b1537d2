/*
 * The key `hours` of [grant] and [pattern]: in which hours of the week a rule holds.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/hours.h"

#include <string.h>

#include "policy/keys.h"
#include "policy/values.h"
#include "policy/zone.h"

#define DAYS_IN_WEEK   7
#define HOST_ZONE_TEXT "in the host's time zone"

/* A line of `hours`, in its words. */
struct hours_line {
    const struct value *days;
    const struct value *times;
    const struct value *zone; /* NULL where it has none */
};

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
    if (!value_has_shape(text, "00:00-00:00") || value_two_digits(text + 3) > 59 ||
        value_two_digits(text + 9) > 59)
        return false;
    *from = value_two_digits(text) * 60 + value_two_digits(text + 3);
    *to = value_two_digits(text + 6) * 60 + value_two_digits(text + 9);
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

    for (i = 0; i < zones->count; i++)
        if (strcmp(zones->items[i], file) == 0)
            return i;
    if (strcmp(file, ZONE_HOST) != 0 && !zone_is_there(file))
        return i;
    texts_add(memory, zones, arena_text(memory, file, strlen(file)));
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
