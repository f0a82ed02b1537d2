/*
 * What a request comes to, before it is bytes again.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_OUTCOME_H
#define XACCT_HELPER_OUTCOME_H

#include <stdbool.h>

#include "common/status.h"
#include "common/wire.h"
#include "helper/credentials.h"
#include "policy/policy.h"

#define OUTCOME_REASON_SIZE  ((size_t)4096)
#define OUTCOME_MESSAGE_SIZE ((size_t)1024)
#define OUTCOME_NOTICE_SIZE  ((size_t)1024)

struct outcome {
    enum status status;
    bool unanswerable; /* no reply may leave: any is final, and the other way would serve */
    char reason[OUTCOME_REASON_SIZE];   /* the whole story, for the log; escaped where untrusted */
    char message[OUTCOME_MESSAGE_SIZE]; /* one line for the user, or empty */
    char notice[OUTCOME_NOTICE_SIZE];   /* what was done otherwise than the policy says, or empty */
    char session[SESSION_ID_SIZE];      /* the session that was opened or that serves, or empty */
    const struct role *role;        /* whose environment the reply carries, or NULL; the policy's
                                       or the decision's */
    char *role_arn;                 /* its ARN, templates expanded; owned */
    struct credentials credentials; /* its credentials; empty where a process delivers them */
    bool cached;                    /* they had been issued before */
    struct secret url;              /* console: where to sign in */
};

/* Sets status and reason, printf(3)-like, and returns the status. */
enum status outcome_set(struct outcome *outcome, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * Adds a notice, printf(3)-like, behind those that there are; what does not fit is left out, and
 * one that stands there already is not added again.
 */
void outcome_note(struct outcome *outcome, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* Wipes and frees what the outcome owns. */
void outcome_free(struct outcome *outcome);

#endif
