/*
 * xacct explain: which roles a login would get, and because of which lines.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>

#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct_admin/answer.h"
#include "xacct_admin/checks.h"

/* Notes where the helper would not read the policy as it stands. */
static void check_place(struct question *question, const struct reading *reading)
{
    if (check_files_refused(reading))
        question_note(question, "%s", CHECK_FILES_REFUSED);
}

/* Prints the answer. Returns the exit status. */
static int print(const struct answer_to *answer, bool json)
{
    struct text text = TEXT_EMPTY, notes = TEXT_EMPTY;
    int status = EXIT_USAGE;

    if (json) {
        answer_add_json(answer, &text);
        answer_add_notes(answer, &notes);
        if (notes.length > 0 && !notes.failed)
            fputs(notes.bytes, stderr);
    } else {
        answer_add_text(answer, &text);
    }
    if (text_print(&text) == 0)
        status = answer_permitted_count(answer) > 0 ? EXIT_FINE : EXIT_REFUSED;
    text_free(&text);
    text_free(&notes);
    return status;
}

int command_explain(const struct invocation *invocation)
{
    struct question question = {.policy = NULL};
    struct reading reading;
    struct answer_to answer = {.reading = &reading, .question = &question};
    int status = EXIT_USAGE;

    if (!reading_open(&reading, reading_given(invocation)) ||
        !question_begin(&question, invocation, reading.policy))
        goto done;
    check_place(&question, &reading);
    if (explain(reading.policy, &question.login, NULL, &answer.explanation) != 0)
        complain("explain: not enough memory: end some programs and try again");
    else
        status = print(&answer, invocation->value[OPTION_JSON] != NULL);

done:
    explanation_free(&answer.explanation);
    question_end(&question);
    reading_end(&reading);
    return status;
}
