/*
 * Spans of the week against clocks.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/hours.h"

#include <stdlib.h>

static int compare_spans(const void *a, const void *b)
{
    const struct span *left = a;
    const struct span *right = b;

    return (left->from > right->from) - (left->from < right->from);
}

void hours_join(struct hours *hours)
{
    struct span *spans = hours->spans;
    size_t joined = 0, i;

    if (hours->count < 2)
        return;
    qsort(spans, hours->count, sizeof *spans, compare_spans);
    for (i = 1; i < hours->count; i++)
        if (spans[i].from > spans[joined].to)
            spans[++joined] = spans[i];
        else if (spans[i].to > spans[joined].to)
            spans[joined].to = spans[i].to;
    hours->count = joined + 1;
}

/* The span that this minute of the week is in, or NULL. */
static const struct span *span_at(const struct hours *hours, int minute)
{
    size_t i;

    for (i = 0; i < hours->count; i++)
        if (minute >= hours->spans[i].from && minute < hours->spans[i].to)
            return &hours->spans[i];
    return NULL;
}

bool hours_hold(const struct hours *hours, const struct zone_clock *clock)
{
    return span_at(hours, clock->second_of_week / 60) != NULL;
}

time_t hours_end(const struct hours *hours, const struct zone_clock *clock)
{
    time_t at = clock->now;

    if (hours->count == 1 && hours->spans[0].from == 0 && hours->spans[0].to == HOURS_WEEK)
        return 0;
    while (at < clock->known_until) {
        int second = zone_second_of_week(clock, at);
        const struct span *span = span_at(hours, second / 60);
        time_t end;

        if (span == NULL)
            return at;
        end = at + (span->to * 60 - second);
        /* Where clocks jump on the way, it is looked at again what they show then. */
        if (at < clock->change && end > clock->change)
            end = clock->change;
        at = end;
    }
    return clock->known_until;
}
