/*
 * What an administrator asks the helper, as only its user has the credentials: of the service, or
 * where that does not answer of a helper that is started as a login would start it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_HELPER_ASK_H
#define XACCT_XACCT_ADMIN_HELPER_ASK_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "policy/arena.h"

#define HELPER_ASK_MS 5000 /* for one question, which may go over a network, each way */

/* As in common/wire.h, "examine". Texts must outlive the asker; NULL is left out. */
struct helper_question {
    const char *base;
    const char *region;
    const char *role;
    bool wrong_external_id;
};

/* What the helper says. Texts are NULL where it does not say them; they lie in asker->memory. */
struct helper_answer {
    bool is_answered;
    bool is_fine;        /* what was asked for works */
    const char *reason;  /* the whole story; why there is no answer, where there is none */
    bool is_unavailable; /* where not fine: it may pass by itself, such as an error of STS's own */
    const char *code;    /* of a refusal, as STS says it */
    const char *account_id, *arn, *ends, *took_ms, *notice, *policy_hash, *broken_since;
    bool is_ahead_known; /* AWS's clock is known, */
    long ahead;          /* which is so many seconds ahead of this host's */
};

struct helper_asked;

/* Who asks, and what was asked. */
struct helper_asker {
    const char *socket; /* of the service */
    struct arena *memory;
    bool is_known; /* the helper has a user: */
    uid_t uid;
    gid_t gid;
    struct helper_asked **items;
    size_t count;
    const char *no_helper;  /* why none could be started when one was last needed, or NULL */
    const char *no_service; /* why the service did not answer, so that a helper was started; NULL
                               where it did, or nobody asked */
};

/* Begins, with the helper's user as /etc/passwd has it. Socket and memory must outlive the asker,
 * of which nothing is to be freed beside that memory. */
void helper_asker_begin(struct helper_asker *asker, const char *socket, struct arena *memory);

/* Asks, once for equal questions, within HELPER_ASK_MS for each way. The answer is the asker's. */
const struct helper_answer *helper_ask(struct helper_asker *asker,
                                       const struct helper_question *question);

#endif
