/*
 * A report as a table, for a terminal.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <string.h>

#include "xacct/durations.h"
#include "xacct/terminal.h"
#include "xacct_admin/report.h"

#define GAP      ((size_t)2)
#define NARROW   ((size_t)6) /* no column of names is made narrower */
#define NUMBERS  4           /* columns behind those of names */
#define NOTHING  "-"         /* for a name that is not there */
#define ALL_ROWS "total"

static const char *const headings[NUMBERS] = {"TIME", "USES", "HAND-OUTS", "SESSIONS"};

struct layout {
    const struct report *report;
    size_t widths[REPORT_BY_MOST + NUMBERS];
};

/* The text of a number of a row; its memory is `made`, emptied before. */
static const char *number(const struct report_row *row, size_t column, struct text *made)
{
    made->length = 0;
    if (column == 0) {
        report_add_time(made, row->seconds);
        if (row->open)
            text_add(made, "+");
    } else {
        text_addf(made, "%lu",
                  column == 1   ? row->uses
                  : column == 2 ? row->hand_outs
                                : row->sessions);
    }
    return made->bytes != NULL ? made->bytes : "";
}

static const char *name_of(const struct report_row *row, size_t column)
{
    return *row->values[column] != '\0' ? row->values[column] : NOTHING;
}

static void widen(size_t *width, const char *words)
{
    size_t columns = shown_width(words);

    if (columns > *width)
        *width = columns;
}

static void measure_row(struct layout *layout, const struct report_row *row, struct text *made)
{
    size_t by_count = layout->report->groups.by_count, i;

    for (i = 0; i < NUMBERS; i++)
        widen(&layout->widths[by_count + i], number(row, i, made));
}

/* Narrows the widest column of names until all of them fit into `columns`, as far as that goes. */
static void narrow(struct layout *layout, size_t columns)
{
    size_t count = layout->report->groups.by_count, all = 0, i, widest;

    for (i = 0; i < count + NUMBERS; i++)
        all += layout->widths[i] + GAP;
    for (all -= GAP; all > columns; all--) {
        for (widest = 0, i = 1; i < count; i++)
            if (layout->widths[i] > layout->widths[widest])
                widest = i;
        if (layout->widths[widest] <= NARROW)
            break;
        layout->widths[widest]--;
    }
}

static void measure(struct layout *layout, struct text *made)
{
    const struct report_groups *groups = &layout->report->groups;
    size_t columns = terminal_columns(), i, column;

    for (i = 0; i < groups->by_count; i++) {
        widen(&layout->widths[i], groups->by[i].name);
        widen(&layout->widths[i], i == 0 ? ALL_ROWS : "");
    }
    for (i = 0; i < NUMBERS; i++)
        widen(&layout->widths[groups->by_count + i], headings[i]);
    for (i = 0; i < groups->count; i++) {
        for (column = 0; column < groups->by_count; column++)
            widen(&layout->widths[column], name_of(groups->rows[i], column));
        measure_row(layout, groups->rows[i], made);
    }
    measure_row(layout, report_total(layout->report), made);
    if (columns > 0)
        narrow(layout, columns);
}

/* Appends words that stand at the left of their column, or at its right. */
static void add_cell(struct text *text, const char *words, size_t width, bool right)
{
    size_t columns = shown_width(words);

    if (right)
        text_pad(text, width > columns ? width - columns : 0);
    columns = shown_add(text, words, width);
    if (!right)
        text_pad(text, width > columns ? width - columns + GAP : GAP);
}

static void add_numbers(const struct layout *layout, struct text *text,
                        const struct report_row *row, struct text *made)
{
    size_t i;

    for (i = 0; i < NUMBERS; i++) {
        add_cell(text, row != NULL ? number(row, i, made) : headings[i],
                 layout->widths[layout->report->groups.by_count + i], true);
        text_pad(text, i + 1 < NUMBERS ? GAP : 0);
    }
    text_add(text, "\n");
}

static void add_headings(const struct layout *layout, struct text *text, struct text *made)
{
    const struct report_groups *groups = &layout->report->groups;
    bool coloured = terminal_has_colours();
    size_t i;

    if (coloured)
        text_add(text, "\033[1m");
    for (i = 0; i < groups->by_count; i++)
        add_cell(text, groups->by[i].heading, layout->widths[i], false);
    add_numbers(layout, text, NULL, made);
    if (coloured) {
        text->length--;
        text_add(text, "\033[0m\n");
    }
}

static void add_rows(const struct layout *layout, struct text *text, struct text *made)
{
    const struct report_groups *groups = &layout->report->groups;
    size_t row, i;

    for (row = 0; row < groups->count; row++) {
        for (i = 0; i < groups->by_count; i++)
            add_cell(text, name_of(groups->rows[row], i), layout->widths[i], false);
        add_numbers(layout, text, groups->rows[row], made);
    }
    for (i = 0; i < groups->by_count; i++)
        add_cell(text, i == 0 ? ALL_ROWS : "", layout->widths[i], false);
    add_numbers(layout, text, report_total(layout->report), made);
}

void report_add_table(const struct report *report, struct text *text)
{
    struct layout layout = {.report = report};
    struct text made = TEXT_EMPTY;
    char since[32], until[32], idle[32];

    text_addf(text, "%s to %s %s; a role is in use for %s from each hand-out\n",
              report_moment(since, sizeof since, report->period.since),
              report_moment(until, sizeof until, report->period.until), report->zone,
              duration_in_words(idle, sizeof idle, report->idle));
    if (report->groups.count == 0) {
        text_add(text, "no role was in use\n");
        return;
    }
    text_add(text, "\n");
    measure(&layout, &made);
    add_headings(&layout, text, &made);
    add_rows(&layout, text, &made);
    if (report_total(report)->open)
        text_add(text, "\n+ in use still at the end of that time\n");
    text_free(&made);
}
