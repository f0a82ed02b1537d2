/*
 * Numbers, taken over and printed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/metrics.h"

#include <string.h>

#include "common/wire.h"
#include "xacct/json_text.h"

#define DIGITS      "0123456789"
#define REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

static const char *keep(struct metrics *metrics, const char *text)
{
    return arena_text(&metrics->memory, text, strlen(text));
}

/* One more, of this family, or NULL without memory. */
static struct metric *grow(struct metrics *metrics, const struct metric_family *family,
                           const char *name)
{
    struct metric *items =
        arena_grow(&metrics->memory, metrics->items, metrics->count, sizeof *items);

    if (items == NULL)
        return NULL;
    metrics->items = items;
    items += metrics->count;
    items->family = family;
    items->name = name;
    return items;
}

void metrics_add(struct metrics *metrics, const char *metric, const char *label, const char *value,
                 const char *number)
{
    struct metric *one = grow(metrics, metric_family_of(metric), metric);

    if (one == NULL)
        return;
    one->value = number;
    if (label != NULL) {
        one->labels[0].name = label;
        one->labels[0].value = value;
        one->label_count = 1;
    }
    metrics->count++;
}

/* Whether the text is a decimal number as the service tells them. */
static bool is_number(const char *text)
{
    size_t length = text != NULL ? strspn(text, DIGITS) : 0;

    /* JSON has none with a zero before other digits. */
    if (length > 1 && text[0] == '0')
        return false;
    if (length > 0 && text[length] == '.' && text[length + 1] != '\0')
        length += 1 + strspn(text + length + 1, DIGITS);
    return length > 0 && text[length] == '\0';
}

/* Takes over a string of a frame that is a label of the metric's. */
static void take_label(struct metrics *metrics, struct metric *metric, const char *string)
{
    const size_t before = strlen(WIRE_LABEL);
    const char *equals = strchr(string, '=');
    const char *name;

    if (strncmp(string, WIRE_LABEL, before) != 0 || equals == NULL ||
        metric->label_count == METRIC_LABELS_MOST)
        return;
    name = arena_text(&metrics->memory, string + before, (size_t)(equals - string) - before);
    if (name == NULL || !metric_family_has(metric->family, name))
        return;
    metric->labels[metric->label_count].name = name;
    metric->labels[metric->label_count].value = keep(metrics, equals + 1);
    metric->label_count++;
}

void metrics_take(struct metrics *metrics, const struct frame *frame)
{
    const char *name = frame_get(frame, WIRE_METRIC), *value = frame_get(frame, WIRE_VALUE);
    const struct metric_family *family = metric_family_of(name);
    struct metric *metric;
    const char *string;
    size_t cursor = 0;

    if (family == NULL || !is_number(value))
        return;
    metric = grow(metrics, family, keep(metrics, name));
    if (metric == NULL)
        return;
    metric->value = keep(metrics, value);
    while ((string = frame_next(frame, &cursor)) != NULL)
        take_label(metrics, metric, string);
    if (!metrics->memory.exhausted)
        metrics->count++;
}

/*
 * Appends the value of a label, between its quotes: backslash, quote and end of line escaped; what
 * is no UTF-8, for which a reader would refuse all of it, other control characters, which are in no
 * policy, and what turns text round become U+FFFD.
 */
static void add_label_value(struct text *text, const char *value)
{
    size_t length;

    for (; *value != '\0'; value += length > 0 ? length : 1) {
        uint32_t character;

        length = utf8_sequence(value);
        character = utf8_character(value, length);
        if (*value == '\n')
            text_add(text, "\\n");
        else if (*value == '\\' || *value == '"')
            text_addf(text, "\\%c", *value);
        else if (length == 0 || is_control_character(character) || turns_text_round(character))
            text_add(text, REPLACEMENT);
        else
            text_add_bytes(text, value, length);
    }
}

static void add_line(struct text *text, const struct metric *metric)
{
    size_t i;

    text_add(text, metric->name);
    for (i = 0; i < metric->label_count; i++) {
        text_addf(text, "%s%s=\"", i == 0 ? "{" : ",", metric->labels[i].name);
        add_label_value(text, metric->labels[i].value);
        text_add(text, "\"");
    }
    text_addf(text, "%s %s\n", metric->label_count > 0 ? "}" : "", metric->value);
}

/* The next number of the family from place *at on, which is then behind it; NULL: no more. */
static const struct metric *next_of(const struct metrics *metrics,
                                    const struct metric_family *family, size_t *at)
{
    while (*at < metrics->count)
        if (metrics->items[(*at)++].family == family)
            return &metrics->items[*at - 1];
    return NULL;
}

void metrics_add_text(const struct metrics *metrics, struct text *text)
{
    const struct metric_family *family;
    const struct metric *metric;

    for (family = metric_families; family->name != NULL; family++) {
        size_t at = 0;

        metric = next_of(metrics, family, &at);
        if (metric != NULL)
            text_addf(text, "# HELP %s %s\n# TYPE %s %s\n", family->name, family->help,
                      family->name, metric_type_name(family->type));
        for (; metric != NULL; metric = next_of(metrics, family, &at))
            add_line(text, metric);
    }
}

static void add_json_number(struct text *text, const struct metric *metric)
{
    size_t i;

    text_add(text, "{");
    json_member(text, "name", metric->name);
    json_name(text, "labels");
    text_add(text, "{");
    for (i = 0; i < metric->label_count; i++)
        json_member(text, metric->labels[i].name, metric->labels[i].value);
    text_add(text, "}");
    json_name(text, "value");
    text_addf(text, "%s}", metric->value);
}

void metrics_add_json(const struct metrics *metrics, struct text *text)
{
    const struct metric_family *family;
    const struct metric *metric;
    bool first = true;

    text_add(text, "[");
    for (family = metric_families; family->name != NULL; family++) {
        size_t at = 0;

        metric = next_of(metrics, family, &at);
        if (metric == NULL)
            continue;
        text_add(text, first ? "\n {" : ",\n {");
        first = false;
        json_member(text, "name", family->name);
        json_member(text, "type", metric_type_name(family->type));
        json_member(text, "help", family->help);
        json_name(text, "samples");
        text_add(text, "[");
        while (metric != NULL) {
            text_add(text, "\n  ");
            add_json_number(text, metric);
            metric = next_of(metrics, family, &at);
            text_add(text, metric != NULL ? "," : "]}");
        }
    }
    text_add(text, "\n]\n");
}

void metrics_free(struct metrics *metrics)
{
    arena_free(&metrics->memory);
    memset(metrics, 0, sizeof *metrics);
}
