/*
 * What xacct explain answers, before it is printed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_ANSWER_H
#define XACCT_XACCT_ADMIN_ANSWER_H

#include "policy/explain.h"
#include "xacct/text.h"
#include "xacct_admin/question.h"
#include "xacct_admin/reading.h"

struct answer_to {
    const struct reading *reading;
    const struct question *question;
    struct explanation explanation;
};

/* Whether a login gets the role: explain() says so, and nothing refuses the whole login. */
bool answer_permits(const struct answer_to *answer, const struct explained_role *role);

/* How many of the roles it gets. */
size_t answer_permitted_count(const struct answer_to *answer);

/*
 * The role's ARN for this login, which the caller frees; NULL with *why set, a sentence, when it
 * cannot be made (then no session of that role can be opened), or empty, when there is no memory.
 */
char *answer_arn(const struct answer_to *answer, const struct role *role, char *why,
                 size_t why_size);

/* Append the answer for people, and for programs. */
void answer_add_text(const struct answer_to *answer, struct text *text);
void answer_add_json(const struct answer_to *answer, struct text *text);

/* Appends what is about no one role, a line each. */
void answer_add_notes(const struct answer_to *answer, struct text *text);

#endif
