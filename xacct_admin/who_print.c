/*
 * The answer of xacct who as a table, as CSV and as JSON.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <string.h>

#include "helper/instant.h"
#include "xacct/json_text.h"
#include "xacct/terminal.h"
#include "xacct_admin/csv_text.h"
#include "xacct_admin/who.h"
#include "xacct_admin/words.h"

enum column {
    COLUMN_WHO,
    COLUMN_ROLE,
    COLUMN_ACCOUNT,
    COLUMN_USED,
    COLUMN_RULE,
    COLUMN_IF,
    COLUMNS
};

#define GAP 2

static const char *const headings[COLUMNS] = {"WHO",  "ROLE", "ACCOUNT", "LAST USED (UTC)",
                                              "RULE", "IF"};

static const char *const kinds[] = {
    [WHO_USER] = "user", [WHO_PRINCIPAL] = "principal", [WHO_GROUP] = "group"};

/* As `reach` has them for programs. */
static const char *const reaches[] = {[REACH_YES] = "yes",
                                      [REACH_NOT_NOW] = "not-now",
                                      [REACH_DENIED] = "denied",
                                      [REACH_UNKNOWN] = "unknown"};

/* What the row's rule wants of the login and the time, appended in words; "" where nothing. */
static void add_conditions(struct text *text, const struct who_row *row)
{
    text_add(text, "");
    words_add_conditions(text, row->rule);
}

/* When the role was last used, for people. */
static void add_used(struct text *text, const struct who *who, const struct who_row *row)
{
    char at[INSTANT_SIZE];

    if (instant_text_or_null(at, row->used) != NULL)
        text_addf(text, "%.10s %.5s", at, at + strlen("2026-11-25T"));
    else
        text_add(text, who->last_used.is_known && row->kind != WHO_GROUP ? "never" : "?");
}

static void add_place(struct text *text, const struct who *who, const char *kind, const char *title,
                      struct position at)
{
    text_addf(text, "[%s%s] %s:%u", kind, title, reading_shown(who->reading, at.file),
              reading_line(at));
}

/* What the way depends on, for people. */
static void add_if(struct text *text, const struct who *who, const struct who_row *row)
{
    size_t before = text->length;

    add_conditions(text, row);
    if (row->reach == REACH_YES)
        return;
    text_add(text, text->length > before ? "; " : "");
    if (row->reach == REACH_NOT_NOW)
        text_add(text, "not now: outside its hours");
    else if (row->reach == REACH_UNKNOWN)
        text_add(text, "not known: see the notes");
    else
        text_add(text, "denied by ");
    if (row->reach == REACH_DENIED)
        add_place(text, who, "deny ", row->denied_by->name, row->denied_by->at);
}

/* What stands in a column of a row; its memory is `made`, emptied before. */
static const char *cell(const struct who *who, const struct who_row *row, enum column column,
                        struct text *made)
{
    made->length = 0;
    text_add(made, "");
    switch (column) {
    case COLUMN_WHO:
        if (row->kind != WHO_USER)
            text_addf(made, "%s:", kinds[row->kind]);
        text_add(made, row->name);
        text_add(made, row->kind == WHO_GROUP ? " (members not to be listed)" : "");
        break;
    case COLUMN_ROLE:
        text_add(made, row->role);
        break;
    case COLUMN_ACCOUNT:
        text_addf(made, "%s (%s)", row->account->name, row->account->id);
        break;
    case COLUMN_USED:
        add_used(made, who, row);
        break;
    case COLUMN_RULE:
        add_place(made, who, "", row->rule->title, row->rule->at);
        break;
    default:
        add_if(made, who, row);
    }
    return made->bytes != NULL ? made->bytes : "";
}

static void measure(const struct who *who, size_t widths[COLUMNS], struct text *made)
{
    size_t i;
    int column;

    for (column = 0; column < COLUMN_IF; column++) {
        widths[column] = strlen(headings[column]);
        for (i = 0; i < who->count; i++) {
            size_t width = shown_width(cell(who, &who->rows[i], (enum column)column, made));

            if (width > widths[column])
                widths[column] = width;
        }
    }
}

/* One line, `row` being NULL for the headings. The last column is not cut: it is the answer. */
static void add_line(struct text *text, const struct who *who, const struct who_row *row,
                     const size_t widths[COLUMNS], struct text *made)
{
    bool coloured = row == NULL && terminal_has_colours();
    int column;

    text_add(text, coloured ? "\033[1m" : "");
    for (column = 0; column < COLUMNS; column++) {
        const char *words =
            row != NULL ? cell(who, row, (enum column)column, made) : headings[column];
        size_t width = shown_add(text, words, 0);

        if (column != COLUMN_IF)
            text_pad(text, widths[column] - width + GAP);
    }
    while (text->length > 0 && text->bytes[text->length - 1] == ' ')
        text->length--;
    text_add(text, coloured ? "\033[0m" : "");
    text_add(text, "\n");
}

void who_add_table(const struct who *who, struct text *text)
{
    struct text made = TEXT_EMPTY;
    size_t widths[COLUMNS], i;

    if (who->count == 0) {
        text_add(text, "nobody\n");
        return;
    }
    measure(who, widths, &made);
    add_line(text, who, NULL, widths, &made);
    for (i = 0; i < who->count; i++)
        add_line(text, who, &who->rows[i], widths, &made);
    if (made.failed)
        text->failed = true;
    text_free(&made);
}

/* One record. Its fields are the members of the JSON. */
static void add_record(struct text *text, const struct who *who, const struct who_row *row,
                       const char *conditions)
{
    const struct deny *deny = row->denied_by;
    char line[16], denied_line[16] = "", used[INSTANT_SIZE];
    const char *const cells[] = {
        kinds[row->kind],
        row->name,
        row->role,
        row->arn,
        row->account->name,
        row->account->id,
        reaches[row->reach],
        conditions,
        row->key,
        row->by,
        row->rule->title,
        reading_shown(who->reading, row->rule->at.file),
        line,
        deny != NULL ? deny->name : NULL,
        deny != NULL ? reading_shown(who->reading, deny->at.file) : NULL,
        denied_line,
        instant_text_or_null(used, row->used),
    };

    snprintf(line, sizeof line, "%u", reading_line(row->rule->at));
    if (deny != NULL)
        snprintf(denied_line, sizeof denied_line, "%u", reading_line(deny->at));
    csv_record(text, cells, sizeof cells / sizeof *cells);
}

void who_add_csv(const struct who *who, struct text *text)
{
    static const char *const names[] = {
        "kind",  "name",       "role",        "arn",         "account",  "account_id",
        "reach", "conditions", "under",       "by",          "rule",     "file",
        "line",  "denied_by",  "denied_file", "denied_line", "last_used"};
    struct text made = TEXT_EMPTY;
    size_t i;

    csv_record(text, names, sizeof names / sizeof *names);
    for (i = 0; i < who->count; i++) {
        made.length = 0;
        add_conditions(&made, &who->rows[i]);
        add_record(text, who, &who->rows[i], made.bytes);
    }
    if (made.failed)
        text->failed = true;
    text_free(&made);
}

static void add_row(struct text *text, const struct who *who, const struct who_row *row,
                    struct text *made)
{
    const struct deny *deny = row->denied_by;
    char at[INSTANT_SIZE];

    made->length = 0;
    add_conditions(made, row);
    text_add(text, "{");
    json_member(text, "kind", kinds[row->kind]);
    json_member(text, "name", row->name);
    json_member(text, "role", row->role);
    json_member(text, "arn", row->arn);
    json_member(text, "account", row->account->name);
    json_member(text, "account_id", row->account->id);
    json_member(text, "reach", reaches[row->reach]);
    json_member(text, "conditions", made->length > 0 ? made->bytes : NULL);
    json_member(text, "under", row->key);
    json_member(text, "by", row->by);
    json_member(text, "rule", row->rule->title);
    json_member(text, "file", reading_shown(who->reading, row->rule->at.file));
    json_member_number(text, "line", reading_line(row->rule->at));
    json_member(text, "denied_by", deny != NULL ? deny->name : NULL);
    json_member(text, "denied_file",
                deny != NULL ? reading_shown(who->reading, deny->at.file) : NULL);
    if (deny != NULL)
        json_member_number(text, "denied_line", reading_line(deny->at));
    else
        json_member(text, "denied_line", NULL);
    json_member(text, "last_used", instant_text_or_null(at, row->used));
    text_add(text, "}");
}

void who_add_json(const struct who *who, struct text *text)
{
    struct text made = TEXT_EMPTY;
    char at[INSTANT_SIZE];
    size_t i;

    text_add(text, "{");
    json_member(text, "at", instant_text_or_null(at, who->at));
    json_member(text, "audit_from", instant_text_or_null(at, who->last_used.from));
    json_name(text, "ways");
    text_add(text, "[");
    for (i = 0; i < who->count; i++) {
        text_add(text, i > 0 ? ",\n  " : "\n  ");
        add_row(text, who, &who->rows[i], &made);
    }
    text_add(text, "]}\n");
    if (made.failed)
        text->failed = true;
    text_free(&made);
}
