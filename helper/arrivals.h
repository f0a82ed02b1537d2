/*
 * How often users may come. What is done for a connection before it is counted as somebody's takes
 * longer than to open one, so a program that does nothing else would have root wait behind it, and
 * with it every login.
 *
 * No two uids share a bucket: who has many (newuidmap(1)) would find one that shares another
 * user's, and shut that user out by it. All that have no session have a bucket together besides
 * their own.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_ARRIVALS_H
#define XACCT_HELPER_ARRIVALS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/deadline.h"

#define ARRIVALS_MOST       1024 /* connections of one uid in a row, */
#define ARRIVALS_PER_SECOND 128  /* and so many more each second */

/* Of all uids without a session: more than one of them has, so that it takes several. */
#define ARRIVALS_STRANGERS_MOST       4096
#define ARRIVALS_STRANGERS_PER_SECOND 512

/*
 * Uids that are remembered: those that came within the last 1 / ARRIVALS_PER_SECOND, and those that
 * come more often. Where there are more, who has come the least is forgotten, and loses nothing by
 * it.
 */
#define ARRIVALS_UIDS 1024

/* All zero: nobody has come yet. When a bucket has room for all again is as in struct deadline. */
struct arrivals {
    size_t count;
    struct arrivals_of {
        int64_t free_at;
        uid_t uid;
    } uids[ARRIVALS_UIDS]; /* in no order */
    int64_t strangers_free_at;
};

/* Takes a connection of `uid` that comes `now`. Returns false when there are too many. */
bool arrivals_take(struct arrivals *arrivals, uid_t uid, struct deadline now);

/* Takes one that arrivals_take let through, of a uid of which no session is known. Returns false
 * when there are too many of all these. */
bool arrivals_take_stranger(struct arrivals *arrivals, struct deadline now);

#endif
