/*
 * What a request comes to, before it is bytes again.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_OUTCOME_H
#define XACCT_HELPER_OUTCOME_H

#include "common/status.h"
#include "common/wire.h"
#include "helper/credentials.h"
#include "policy/policy.h"

#define OUTCOME_REASON_SIZE  ((size_t)4096)
#define OUTCOME_MESSAGE_SIZE ((size_t)1024)

struct outcome {
    enum status status;
    char reason[OUTCOME_REASON_SIZE];   /* the whole story, for the log; escaped where untrusted */
    char message[OUTCOME_MESSAGE_SIZE]; /* one line for the user, or empty */
    char session[SESSION_ID_SIZE];      /* open: the session's id, or empty */
    const struct role *role;            /* open: the role that was assumed, or NULL; the policy's */
    char *role_arn;                     /* its ARN, templates expanded; owned */
    struct credentials credentials;     /* its credentials */
};

/* Sets status and reason, printf(3)-like, and returns the status. */
enum status outcome_set(struct outcome *outcome, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Wipes and frees what the outcome owns. */
void outcome_free(struct outcome *outcome);

#endif
