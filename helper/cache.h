/*
 * Live credentials in locked memory, by what shaped them, and one call in flight for each: equal
 * requests wait for the one that was first. For the service; whoever asks has been decided on.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_CACHE_H
#define XACCT_HELPER_CACHE_H

#include <stdbool.h>
#include <time.h>

#include "common/deadline.h"
#include "helper/sts.h"

#define CACHE_KEY_SIZE ((size_t)32) /* a SHA-256 over everything that shapes the credentials */

struct cache;

/* What is wanted of credentials. Instants in seconds since 1970. */
struct cache_wish {
    unsigned char key[CACHE_KEY_SIZE];
    time_t now;
    time_t min_life; /* seconds that must be left */
    time_t ends;     /* they must not live longer than this; 0: no matter */
    bool fresh;      /* not those in memory; a call that is under way will do */
};

enum cache_answer {
    CACHE_HIT,      /* *assumed is filled; the caller frees its credentials */
    CACHE_LEAD,     /* the caller makes the call, and must end it with cache_settle */
    CACHE_FAILED,   /* the call that was waited for failed: *failure is filled */
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
 * Ends the call of a leader: keeps a copy of *assumed, unless there is no locked memory left, or
 * hands *failure on to those who wait. Exactly one of the two is given. Both stay the caller's.
 */
void cache_settle(struct cache *cache, const struct cache_wish *wish,
                  const struct sts_assumed *assumed, const struct sts_failure *failure);

/*
 * Gives up the credentials that end first, so that there is locked memory for others. Returns
 * whether there were any. For secret_arena_set_reclaim.
 */
bool cache_reclaim(void *cache);

#endif
