/*
 * How much of the service one user may take: requests at once, calls to STS, lines in the audit
 * file. Counted for who brings it about (helper/asker.h), and not for whose account they use.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_LIMITS_H
#define XACCT_HELPER_LIMITS_H

#include <stdbool.h>
#include <sys/types.h>

#include "common/deadline.h"

/* What is counted. Each has a number that may be at once, or a bucket that fills with time. */
enum limit {
    LIMIT_CONNECTIONS, /* of one uid but root's, at once: 16 */
    LIMIT_STRANGERS,   /* connections of all uids that have no session, at once: 64 */
    LIMIT_REQUESTS,    /* of the module for one asker, at once: 32 */
    LIMIT_LOOK_UPS,    /* for NSS, of one uid but root's, at once: 4; others wait for their turn */
    LIMIT_CALLS,       /* to STS and the sign-in endpoint for one human: 120, and 2 each second */
    LIMIT_USES,        /* by one human's requests, a line each: 600, and 5 more each second */
    LIMIT_REFUSALS,    /* of one uid or asker in the audit file: 60, and 1 more each second */
    LIMIT_OPENED,      /* sessions of one asker, two lines each: 600, and 2 more each second */
    LIMIT_COUNT
};

/* The name that all uids without a session share: one of them has as many more as it likes from
 * newuidmap(1), and none of them a right to anything here. */
#define LIMITS_STRANGERS "no session"
#define LIMITS_NAME_SIZE ((size_t)16)

struct limits;

/* Writes what a uid is counted as, which has a session or not. */
void limits_name(char name[LIMITS_NAME_SIZE], uid_t uid, bool has_session);

/* Returns limits with nothing counted, which the caller frees, or NULL without memory. */
struct limits *limits_new(void);
void limits_free(struct limits *limits);

/*
 * Takes one of `limit` for `name` as of `now`. Returns false when there is none left, or no memory
 * to count it. What does not come back with time is given back by limits_give, once the request is
 * over. NULL limits let everything through.
 */
bool limits_take(struct limits *limits, enum limit limit, const char *name, struct deadline now);
void limits_give(struct limits *limits, enum limit limit, const char *name);

/* How many refusals of `name` LIMIT_REFUSALS has kept back since this was asked the last time. */
unsigned long long limits_kept_back(struct limits *limits, const char *name);

#endif
