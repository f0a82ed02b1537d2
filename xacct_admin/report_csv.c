/*
 * A report as comma-separated values.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>

#include "helper/instant.h"
#include "xacct_admin/csv_text.h"
#include "xacct_admin/report.h"

#define FIGURES 8
#define CELLS   (REPORT_BY_MOST + FIGURES)

static void add_row(const struct report_groups *groups, const struct report_row *row,
                    struct text *text)
{
    char seconds[24], hours[32], uses[24], hand_outs[24], sessions[24];
    char first[INSTANT_SIZE], last[INSTANT_SIZE];
    const char *cells[CELLS];
    size_t i, count = 0;

    snprintf(seconds, sizeof seconds, "%lld", (long long)row->seconds);
    snprintf(hours, sizeof hours, "%.2f", (double)row->seconds / 3600);
    snprintf(uses, sizeof uses, "%lu", row->uses);
    snprintf(hand_outs, sizeof hand_outs, "%lu", row->hand_outs);
    snprintf(sessions, sizeof sessions, "%lu", row->sessions);
    for (i = 0; i < groups->by_count; i++)
        cells[count++] = row->values[i];
    cells[count++] = seconds;
    cells[count++] = hours;
    cells[count++] = uses;
    cells[count++] = hand_outs;
    cells[count++] = sessions;
    cells[count++] = instant_text_or_null(first, row->first);
    cells[count++] = instant_text_or_null(last, row->last);
    cells[count++] = row->open ? "yes" : "no";
    csv_record(text, cells, count);
}

void report_add_csv(const struct report *report, struct text *text)
{
    static const char *const figures[FIGURES] = {"seconds",  "hours", "uses", "hand_outs",
                                                 "sessions", "first", "last", "open"};
    const struct report_groups *groups = &report->groups;
    const char *cells[CELLS];
    size_t i, count = 0;

    for (i = 0; i < groups->by_count; i++)
        cells[count++] = groups->by[i].name;
    for (i = 0; i < FIGURES; i++)
        cells[count++] = figures[i];
    csv_record(text, cells, count);
    for (i = 0; i < groups->count; i++)
        add_row(groups, groups->rows[i], text);
}
