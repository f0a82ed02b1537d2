/*
 * A report as JSON.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/instant.h"
#include "xacct/json_text.h"
#include "xacct_admin/report.h"

static void add_moment(struct text *text, const char *name, time_t at)
{
    char moment[INSTANT_SIZE];

    json_member(text, name, instant_text_or_null(moment, at));
}

static void add_numbers(const struct report_row *row, struct text *text)
{
    json_member_number(text, "seconds", row->seconds);
    json_member_number(text, "uses", (int64_t)row->uses);
    json_member_number(text, "hand_outs", (int64_t)row->hand_outs);
    json_member_number(text, "sessions", (int64_t)row->sessions);
    add_moment(text, "first", row->first);
    add_moment(text, "last", row->last);
    json_member_bool(text, "open", row->open);
}

static void add_rows(const struct report_groups *groups, struct text *text)
{
    size_t i, column;

    for (i = 0; i < groups->count; i++) {
        const struct report_row *row = groups->rows[i];

        text_add(text, i > 0 ? ",\n  {" : "\n  {");
        for (column = 0; column < groups->by_count; column++)
            json_member(text, groups->by[column].name,
                        *row->values[column] != '\0' ? row->values[column] : NULL);
        add_numbers(row, text);
        text_add(text, "}");
    }
}

void report_add_json(const struct report *report, struct text *text)
{
    const struct report_groups *groups = &report->groups;
    size_t i;

    text_add(text, "{");
    add_moment(text, "since", report->period.since);
    add_moment(text, "until", report->period.until);
    json_member(text, "timezone", report->zone);
    json_member_number(text, "idle", report->idle);
    json_name(text, "by");
    text_add(text, "[");
    for (i = 0; i < groups->by_count; i++) {
        text_add(text, i > 0 ? ", " : "");
        json_string(text, groups->by[i].name);
    }
    text_add(text, "]");
    json_name(text, "rows");
    text_add(text, "[");
    add_rows(groups, text);
    text_add(text, "]");
    json_name(text, "total");
    text_add(text, "{");
    add_numbers(report_total(report), text);
    text_add(text, "}");
    json_member_number(text, "files", (int64_t)report->files);
    json_member_number(text, "lines", (int64_t)report->lines);
    json_member_number(text, "damaged", (int64_t)report->damaged);
    json_name(text, "notes");
    text_add(text, "[");
    for (i = 0; i < report->notes.count; i++) {
        text_add(text, i > 0 ? ",\n  " : "\n  ");
        json_string(text, report->notes.items[i]);
    }
    if (report->notes_left_out > 0)
        text_addf(text, ",\n  \"and %lu more\"", report->notes_left_out);
    text_add(text, "]}\n");
}
