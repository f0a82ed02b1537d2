/*
 * How often users may come. What is done for a connection before it is counted as somebody's takes
 * longer than to open one, so a program that does nothing else would have root wait behind it, and
 * with it every login.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_ARRIVALS_H
#define XACCT_HELPER_ARRIVALS_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/deadline.h"

#define ARRIVALS_MOST       1024 /* connections of one uid in a row, */
#define ARRIVALS_PER_SECOND 128  /* and so many more each second */

/* As there may be more uids than memory (newuidmap(1)), some share a bucket. */
#define ARRIVALS_BUCKETS 1024

/* All zero but for the seed: nobody has come yet. */
struct arrivals {
    uint32_t seed;                     /* which uids share one; any number */
    int64_t free_at[ARRIVALS_BUCKETS]; /* when each has room for all again, as in struct deadline */
};

/* Takes a connection of `uid` that comes `now`. Returns false when there are too many. */
bool arrivals_take(struct arrivals *arrivals, uid_t uid, struct deadline now);

#endif
