/*
 * xacct diff: who gains and who loses which role between two policies.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/diff.h"

#include <string.h>

#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct/json_text.h"
#include "xacct_admin/escaped.h"

static void tell_json(struct diff *diff, const struct change *change)
{
    const char sign[] = {change->sign, '\0'};
    struct text *text = &diff->text;

    text_add(text, diff->count > 0 ? ",\n {" : "\n {");
    json_member(text, "change", sign);
    json_member(text, "kind", change->kind);
    json_member(text, "name", change->name);
    json_member(text, "what", change->what);
    json_member(text, "old", change->was);
    json_member(text, "new", change->is);
    json_member(text, "rule", change->rule);
    json_member(text, "file", reading_shown(&diff->sides[change->side], change->at.file));
    json_member_number(text, "line", reading_line(change->at));
    text_add(text, "}");
}

static void tell_line(struct diff *diff, const struct change *change)
{
    struct text *text = &diff->text;

    /* Most are about users, whose names stand alone. */
    if (strcmp(change->kind, "user") != 0)
        text_addf(text, "%s ", change->kind);
    escaped_add(text, change->name);
    text_addf(text, ": %c", change->sign);
    if (change->what != NULL) {
        text_add(text, " ");
        escaped_add(text, change->what);
    }
    if (change->was != NULL || change->is != NULL)
        text_add(text, change->what != NULL ? ": " : " ");
    if (change->was != NULL)
        escaped_add_sentence(text, change->was);
    if (change->was != NULL && change->is != NULL)
        text_add(text, " -> ");
    if (change->is != NULL)
        escaped_add_sentence(text, change->is);
    text_add(text, " (");
    if (change->rule != NULL) {
        text_add(text, "[");
        escaped_add(text, change->rule);
        text_add(text, "] ");
    }
    reading_add_place(&diff->sides[change->side], text, change->at);
    text_add(text, ")\n");
}

void diff_tell(struct diff *diff, const struct change *change)
{
    if (diff->json)
        tell_json(diff, change);
    else
        tell_line(diff, change);
    diff->count++;
}

int command_diff(const struct invocation *invocation)
{
    struct diff diff = {.json = invocation->value[OPTION_JSON] != NULL};
    int status = EXIT_USAGE;
    bool fine = reading_open(&diff.sides[OLD], invocation->operands[0]);

    /* What is wrong with either is told at once. */
    fine = reading_open(&diff.sides[NEW], invocation->operands[1]) && fine;
    if (!fine)
        goto done;
    if (diff.json)
        text_add(&diff.text, "[");
    diff_subjects(&diff);
    diff_definitions(&diff);
    if (diff.json)
        text_add(&diff.text, "]\n");
    if (diff.memory.exhausted)
        diff.text.failed = true;
    if (text_print(&diff.text) == 0)
        status = diff.count > 0 ? EXIT_REFUSED : EXIT_FINE;

done:
    text_free(&diff.text);
    arena_free(&diff.memory);
    reading_end(&diff.sides[OLD]);
    reading_end(&diff.sides[NEW]);
    return status;
}
