/*
 * xacct list: the permitted roles.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "xacct/commands.h"
#include "xacct/durations.h"
#include "xacct/json_text.h"
#include "xacct/roles.h"
#include "xacct/terminal.h"

enum column { COLUMN_ROLE, COLUMN_ACCOUNT, COLUMN_UNTIL, COLUMN_DESCRIPTION, COLUMN_COUNT };

#define MARK_WIDTH 2
#define GAP        2

static const char *const headings[] = {"ROLE", "ACCOUNT", "UNTIL (UTC)", "DESCRIPTION"};

/* What stands in a column of a role; its memory is `made`, emptied before. */
static const char *cell(const struct role *role, enum column column, struct text *made)
{
    int64_t instant;

    made->length = 0;
    text_add(made, "");
    switch (column) {
    case COLUMN_ROLE:
        text_addf(made, "%s%s", role->name, role->is_default ? " (default)" : "");
        break;
    case COLUMN_ACCOUNT:
        if (role->account_id == NULL)
            text_add(made, role->account != NULL ? role->account : "-");
        else if (role->account == NULL || strcmp(role->account, role->account_id) == 0)
            text_add(made, role->account_id);
        else
            text_addf(made, "%s (%s)", role->account, role->account_id);
        break;
    case COLUMN_UNTIL:
        if (instant_parse(role->ends, &instant))
            text_addf(made, "%.10s %.5s", role->ends, role->ends + strlen("2027-03-31T"));
        else
            text_add(made, "-");
        break;
    default:
        text_add(made, role->description != NULL ? role->description : "");
    }
    return made->bytes != NULL ? made->bytes : "";
}

static void measure(const struct roles *roles, size_t widths[COLUMN_COUNT], struct text *made)
{
    size_t i;
    int column;

    for (column = 0; column < COLUMN_COUNT; column++) {
        widths[column] = strlen(headings[column]);
        for (i = 0; i < roles->count; i++) {
            size_t width = shown_width(cell(&roles->all[i], (enum column)column, made));

            if (width > widths[column])
                widths[column] = width;
        }
    }
}

/* One line, `role` being NULL for the headings. The last column takes what the terminal leaves. */
static void add_line(struct text *text, const struct role *role, const size_t widths[COLUMN_COUNT],
                     size_t left, struct text *made)
{
    bool current = role != NULL && role_is_current(role);
    const char *colour = role == NULL ? "\033[1m" : current ? "\033[32m" : "";
    bool coloured = *colour != '\0' && terminal_has_colours();
    int column;

    if (coloured)
        text_add(text, colour);
    text_add(text, current ? "* " : "  ");
    for (column = 0; column < COLUMN_COUNT; column++) {
        bool last = column == COLUMN_DESCRIPTION;
        const char *words = role != NULL ? cell(role, (enum column)column, made) : headings[column];
        size_t width = shown_add(text, words, last ? left : 0);

        if (!last)
            text_pad(text, widths[column] - width + GAP);
    }
    while (text->length > 0 && text->bytes[text->length - 1] == ' ')
        text->length--;
    if (coloured)
        text_add(text, "\033[0m");
    text_add(text, "\n");
}

static void write_table(struct text *text, const struct roles *roles)
{
    size_t widths[COLUMN_COUNT], i, taken = MARK_WIDTH, columns = terminal_columns();
    struct text made = TEXT_EMPTY;
    int column;

    measure(roles, widths, &made);
    for (column = 0; column < COLUMN_DESCRIPTION; column++)
        taken += widths[column] + GAP;
    /* Where the others fill the line already the terminal breaks it, and nothing is lost. */
    columns = columns > taken ? columns - taken : 0;
    add_line(text, NULL, widths, columns, &made);
    for (i = 0; i < roles->count; i++)
        add_line(text, &roles->all[i], widths, columns, &made);
    text_free(&made);
}

static void write_json(struct text *text, const struct roles *roles)
{
    size_t i;

    text_add(text, "[");
    for (i = 0; i < roles->count; i++) {
        const struct role *role = &roles->all[i];

        text_add(text, i > 0 ? ",\n {" : "{");
        json_member(text, "role", role->name);
        json_member(text, "account", role->account);
        json_member(text, "account_id", role->account_id);
        json_member(text, "arn", role->arn);
        json_member(text, "description", role->description);
        json_member(text, "region", role->region);
        json_member_bool(text, "current", role_is_current(role));
        json_member_bool(text, "default", role->is_default);
        json_member_bool(text, "chosen", role->chosen);
        json_member(text, "deliver", role->deliver);
        json_member(text, "ends", role->ends);
        if (role->duration > 0)
            json_member_number(text, "duration", role->duration);
        else
            json_member(text, "duration", NULL);
        text_add(text, "}");
    }
    text_add(text, "]\n");
}

int command_list(const struct invocation *invocation)
{
    struct text text = TEXT_EMPTY;
    struct roles roles;
    int status;

    if (!roles_get(invocation->socket, &roles))
        return EXIT_REFUSED;
    setlocale(LC_CTYPE, "");
    if (invocation->value[OPTION_JSON] != NULL)
        write_json(&text, &roles);
    else if (roles.count == 0)
        text_add(&text, "no role is yours at present\n");
    else
        write_table(&text, &roles);
    status = text_print(&text);
    text_free(&text);
    roles_free(&roles);
    return status;
}
