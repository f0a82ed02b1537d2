/*
 * xacct who: the command.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/who.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"
#include "helper/instant.h"
#include "policy/values.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct/durations.h"
#include "xacct_admin/checks.h"
#include "xacct_admin/escaped.h"
#include "xacct_admin/moment.h"

#define YEARS_MOST (100L * 366 * 24 * 60 * 60) /* seconds that --unused-for may have */

void who_note(struct who *who, const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    texts_add(&who->memory, &who->notes, arena_vformat(&who->memory, format, arguments));
    va_end(arguments);
}

static int compare_texts(const char *a, const char *b)
{
    return strcmp(a != NULL ? a : "", b != NULL ? b : "");
}

static int compare_rows(const void *a, const void *b)
{
    const struct who_row *left = a;
    const struct who_row *right = b;
    int order = (left->kind > right->kind) - (left->kind < right->kind);

    if (order == 0)
        order = strcmp(left->name, right->name);
    if (order == 0)
        order = strcmp(left->role, right->role);
    if (order == 0)
        order = strcmp(left->rule->at.file, right->rule->at.file);
    if (order == 0)
        order = (left->rule->at.line > right->rule->at.line) -
                (left->rule->at.line < right->rule->at.line);
    return order != 0 ? order : compare_texts(left->by, right->by);
}

/* Puts the rows in order: by kind and name, then by role, then as rules stand in the policy. */
static void sort(struct who *who)
{
    if (who->count > 1)
        qsort(who->rows, who->count, sizeof *who->rows, compare_rows);
}

/* Takes what the command line says. Returns false after a complaint. */
static bool take_options(struct who *who, const struct invocation *invocation)
{
    const char *unused = invocation->value[OPTION_UNUSED_FOR];
    char shown[ESCAPE_MAX];
    long seconds = 0;

    if (!moment_at(invocation, &who->at))
        return false;
    who->unused = unused != NULL;
    if (unused != NULL && !value_number(unused, value_time_units, 1, YEARS_MOST, &seconds)) {
        complain("who: --unused-for %s is no length of time: write a number and s, m, h or d, as "
                 "in 90d",
                 escape(shown, sizeof shown, unused));
        return false;
    }
    who->unused_for = seconds;
    who->denied = invocation->value[OPTION_DENIED] != NULL;
    return true;
}

/* How the answer is printed. */
static const struct {
    const char *name;
    void (*add)(const struct who *who, struct text *text);
} forms[] = {{"table", who_add_table}, {"csv", who_add_csv}, {"json", who_add_json}};

/* The place of the form that is wanted, or -1 after a complaint. */
static int find_form(const struct invocation *invocation)
{
    const bool json = invocation->value[OPTION_JSON] != NULL;
    const char *name = invocation->value[OPTION_TABLE_FORMAT];
    char shown[ESCAPE_MAX];
    size_t i;

    if (name == NULL)
        name = json ? "json" : "table";
    for (i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].name, name) == 0)
            break;
    if (i == sizeof forms / sizeof *forms) {
        complain("who: --format %s: write table, csv or json", escape(shown, sizeof shown, name));
        return -1;
    }
    if (json && strcmp(name, "json") != 0) {
        complain("who: one of --json and --format %s", name);
        return -1;
    }
    return (int)i;
}

/* Notes where the helper would not read the policy as it stands. */
static void note_place(struct who *who)
{
    if (check_files_refused(who->reading))
        who_note(who, "%s", CHECK_FILES_REFUSED);
}

/* Notes how far back it is known what was used. */
static void note_audit(struct who *who)
{
    const struct last_used *used = &who->last_used;
    char from[INSTANT_SIZE], shown[32];

    if (!used->is_known)
        return;
    if (used->from == 0) {
        who_note(who, "the audit file has no line before that moment: never says nothing");
        return;
    }
    who_note(who, "the audit file reaches back to %s%s",
             instant_in_words(shown, sizeof shown, instant_text(from, used->from)),
             who->unused && (int64_t)who->at - used->from < who->unused_for
                 ? ", which is less than --unused-for: who is told may have used it before"
                 : ": never means not since then");
}

static void print_notes(const struct who *who)
{
    struct text text = TEXT_EMPTY;

    escaped_add_notes(&text, &who->notes);
    if (text.length > 0 && !text.failed)
        fputs(text.bytes, stderr);
    text_free(&text);
}

/* Prints the answer. Returns the exit status. */
static int print(const struct who *who, int form)
{
    struct text text = TEXT_EMPTY;
    int status = EXIT_USAGE;

    if (who->memory.exhausted)
        text.failed = true;
    else
        forms[form].add(who, &text);
    if (text_print(&text) == 0) {
        print_notes(who);
        status = who->count > 0 ? EXIT_FINE : EXIT_REFUSED;
    }
    text_free(&text);
    return status;
}

int command_who(const struct invocation *invocation)
{
    const char *audit = invocation->value[OPTION_AUDIT];
    const char *word = invocation->operand_count > 0 ? invocation->operands[0] : NULL;
    struct reading reading = {.policy = NULL};
    struct who who = {.reading = &reading};
    const int form = find_form(invocation);
    int status = EXIT_USAGE;

    if (form < 0 || !take_options(&who, invocation) ||
        !reading_open(&reading, reading_given(invocation)) ||
        !who_target_find(reading.policy, word, &who.target))
        goto done;
    if (!last_used_read(&who.last_used, audit != NULL ? audit : reading.policy->audit, who.at,
                        who.unused ? "so it cannot be said what was not used"
                                   : "so it is not known what was last used when") &&
        who.unused)
        goto done;
    note_place(&who);
    if (!who_find(&who))
        goto done;
    note_audit(&who);
    sort(&who);
    status = print(&who, form);

done:
    arena_free(&who.memory);
    last_used_free(&who.last_used);
    reading_end(&reading);
    return status;
}
