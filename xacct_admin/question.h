/*
 * The login that xacct explain is asked about, from its command line and from NSS.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_QUESTION_H
#define XACCT_XACCT_ADMIN_QUESTION_H

#include <stdbool.h>

#include "helper/identity.h"
#include "policy/decide.h"
#include "xacct/command.h"

struct question {
    const struct policy *policy;
    struct login login;       /* as for decide() */
    struct identity identity; /* the helper's: its certificate, where there is one */
    struct texts auth, groups;

    /* Why no such login gets a role, whatever the grants say; NULL: they decide. */
    const char *refused;
    struct position refused_at;

    struct texts notes;  /* what an admin should know of how the question was put together */
    struct arena memory; /* of all texts */
};

/*
 * Puts the question together. Returns false after a complaint. The caller ends with question_end in
 * either case; the policy and the invocation must outlive the question.
 */
bool question_begin(struct question *question, const struct invocation *invocation,
                    const struct policy *policy);

void question_end(struct question *question);

/* Adds a note; the arguments are printf's. */
__attribute__((format(printf, 2, 3))) void question_note(struct question *question,
                                                         const char *format, ...);

/* Has the question refused; the arguments are printf's. */
__attribute__((format(printf, 3, 4))) void
question_refuse(struct question *question, struct position at, const char *format, ...);

/*
 * Takes over what --principal P or --certificate FILE say, or that neither does: part of
 * question_begin. Returns false after a complaint.
 */
bool question_take_certificate(struct question *question, const struct invocation *invocation);

#endif
