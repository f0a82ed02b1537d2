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
#include "xacct_admin/nss.h"

struct question {
    const struct policy *policy;
    struct login login;       /* as for decide() */
    struct identity identity; /* the helper's: its certificate, where there is one */
    struct texts auth, groups;
    uid_t uid; /* the user's, where it is known */
    bool uid_known;
    bool has_opener; /* of another service than sshd: a login uid is known that counts, be it the
                        user's own */

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
 * Asks NSS for a user and their groups, which are in the question's memory. Returns false after a
 * complaint where it cannot be asked at all.
 */
bool question_find(struct question *question, struct nss_user user, struct nss_login *known);

/*
 * Takes over what --loginuid says, USER or none, or that it says nothing: part of question_begin,
 * once the user is known. Returns false after a complaint.
 */
bool question_take_opener(struct question *question, const struct invocation *invocation);

/*
 * Takes over what --principal P or --certificate FILE say, or that neither does, and with it who
 * the human is: part of question_begin, once it is known who is behind the login. Returns false
 * after a complaint.
 */
bool question_take_certificate(struct question *question, const struct invocation *invocation);

#endif
