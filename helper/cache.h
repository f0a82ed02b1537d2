/*
 * Live credentials in locked memory, by what shaped them, and one call in flight for each: equal
 * requests wait for the one that was first. A call that was refused is not made again for a moment,
 * so that a loop of logins does not hammer STS. Nothing is handed out for longer than it was asked
 * for, whatever became of the clock meanwhile. For the service; whoever asks has been decided on.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_CACHE_H
#define XACCT_HELPER_CACHE_H

#include <stdbool.h>
#include <time.h>

#include "common/deadline.h"
#include "helper/sts.h"

#define CACHE_KEY_SIZE    ((size_t)32) /* a SHA-256 over everything that shapes the credentials */
#define CACHE_REFUSED_FOR 20           /* seconds for which STS's refusal stands */

struct cache;

/*
 * What is wanted of credentials. Instants in seconds since 1970, by the clock that expirations are
 * told by.
 */
struct cache_wish {
    unsigned char key[CACHE_KEY_SIZE];
    const char *human; /* in whose name, for cache_drop; NULL: in nobody's */
    time_t now;
    time_t min_life; /* seconds that must be left; where no more could be asked for, half of that */
    time_t ends;     /* they must not live longer than this; 0: no matter */
    time_t failed_for; /* seconds for which a call that failed is not made again, other than where
                          STS refused it (CACHE_REFUSED_FOR) or its leader ran out of time (0) */
    bool fresh;        /* not those in memory; a call that is under way will do */
    const char *under; /* the hash of the policy: under another a failure is not remembered */
};

enum cache_answer {
    CACHE_HIT,      /* *assumed is filled; the caller frees its credentials */
    CACHE_LEAD,     /* the caller makes the call, and must end it with cache_settle */
    CACHE_FAILED,   /* the call that was waited for failed, or one was refused a moment ago:
                     *failure is filled */
    CACHE_TIMED_OUT /* the call that was waited for takes longer than the deadline */
};

/* Returns an empty cache, which the caller frees, or NULL without memory. */
struct cache *cache_new(void);

/* Wipes and frees it. No call may be in flight. NULL is left alone. */
void cache_free(struct cache *cache);

/*
 * Finds credentials, or makes the caller the one who gets them. A call whose leader ran out of time
 * passes to the next who still has some. Without memory for an entry the caller leads as well, for
 * itself alone.
 */
enum cache_answer cache_enter(struct cache *cache, const struct cache_wish *wish,
                              struct deadline deadline, struct sts_assumed *assumed,
                              struct sts_failure *failure);

/*
 * Takes what there is: credentials that are as wished for, if there are some in memory. Returns
 * whether, with *assumed filled, whose credentials the caller frees.
 */
bool cache_look(struct cache *cache, const struct cache_wish *wish, struct sts_assumed *assumed);

/*
 * Ends the call of a leader: keeps a copy of *assumed, unless there is no locked memory left, or
 * hands *failure on to those who wait. Exactly one of the two is given. Both stay the caller's.
 */
void cache_settle(struct cache *cache, const struct cache_wish *wish,
                  const struct sts_assumed *assumed, const struct sts_failure *failure);

/*
 * Wipes what there is in the name of `human`, and has calls that are in flight bring nothing that
 * is kept: for a human who was revoked.
 */
void cache_drop(struct cache *cache, const char *human);

/*
 * Gives up the credentials that end first, so that there is locked memory for others. Returns
 * whether there were any. For secret_arena_set_reclaim.
 */
bool cache_reclaim(void *cache);

#endif
