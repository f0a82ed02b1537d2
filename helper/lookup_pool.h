/*
 * Look-up processes for many requests at once. As the sandbox lets nobody fork, another process
 * does so, the forker, which was started before it closed; so a directory that hangs for one user
 * costs the next one a new process and no waiting.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_LOOKUP_POOL_H
#define XACCT_HELPER_LOOKUP_POOL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "common/deadline.h"
#include "helper/local_users.h"
#include "helper/lookup.h"
#include "helper/nss_files.h"
#include "helper/task.h"

struct lookup_pool {
    bool many;
    struct lookup *idle; /* the one given back last comes first */
    struct lookup *used; /* by a request each */
    size_t idle_count;
    size_t count;                /* of all that are idle, in use, or being forked */
    size_t forking;              /* of those being forked */
    size_t waiting;              /* of the requests for one, */
    size_t roots_waiting;        /* of these root's, which come first, */
    unsigned roots_in_a_row;     /* but not so often that users never have a turn */
    struct deadline fresh_until; /* since one came last a moment has not passed */
    uint64_t request_us;         /* microseconds that a request keeps one at work, of late */
    struct task_queue roots_queue, queue;
    pid_t forker; /* 0 when there is none */
    int channel;  /* to it */
    bool broken;  /* it has died */
    bool refused; /* what it answered last is that it could not fork */
    struct task_watcher watcher;
    struct nss_files files; /* that look-up processes are let see */
    unsigned generation;    /* of these files: goes up when one of them has changed */
    struct local_users local;
};

/*
 * Starts what look-ups need. To be called before any secret is read and before the sandbox closes:
 * what it starts gets a sandbox of its own and inherits nothing but its end of a socket.
 *
 * `many` false, for one request: one look-up process, and no other ever. `many` true, for the
 * service: the forker, after task_loop_open. *pool must stay where it is until lookup_pool_close,
 * which is called for one that could not be opened too. Returns 0 or an errno.
 */
int lookup_pool_open(struct lookup_pool *pool, bool many);

/* Once there is nothing more to look up: without `many`, the process ends beside what is left to do
 * before lookup_pool_close, which has to follow. With `many` it changes nothing. */
void lookup_pool_close_ahead(struct lookup_pool *pool);

/* Ends every process; none may be in use. One that is all zero or was closed is left alone. */
void lookup_pool_close(struct lookup_pool *pool);

/*
 * A look-up process for one request, which nobody else has until lookup_pool_give. It knows nothing
 * of earlier requests. Root's come first (`is_roots`), four to one of a user's where both wait:
 * they are logins, or what these look up. With `many`, in a task only: when none is idle, one may
 * come back within some milliseconds. Else another is forked, unless those that there are go on
 * answering, and so quickly that all who wait are served soon; and when there are as many as there
 * may be, the request waits. Returns 0 with *lookup set; or with *lookup NULL ETIMEDOUT; EAGAIN
 * when none could be forked in that time (too many processes or descriptors, no memory); or EPIPE
 * when the forker has died (see lookup_pool_is_broken), or the one process of --once is in use.
 */
int lookup_pool_take(struct lookup_pool *pool, bool is_roots, struct deadline deadline,
                     struct lookup **lookup);

/*
 * Whether the files of NSS are still those that the process was let see. One that is replaced, also
 * while a request is under way, is closed to its process, and where that is nsswitch.conf, glibc
 * asks its own sources alone and says nothing: what it has answered counts only if this is so
 * afterwards. It was not looked at when the process was taken, as that would say nothing of later.
 * Where it is not so, the next process that is taken is another.
 */
bool lookup_pool_is_current(struct lookup_pool *pool, const struct lookup *lookup);

/*
 * Has `ask` ask a process all that one request wants to know, and again from the beginning, with
 * another process, where lookup_pool_is_current says afterwards that it does not count. Returns 0
 * when it does; ESTALE when it never did; or as lookup_pool_take.
 */
int lookup_pool_ask(struct lookup_pool *pool, bool is_roots, struct deadline deadline,
                    void (*ask)(struct lookup *lookup, void *argument), void *argument);

/* Why not, for the log: a sentence for an errno of lookup_pool_ask. */
const char *lookup_pool_why(int error);

/*
 * Gives a process back, stopped or not. With `many` a few are kept idle, and none for long, as NSS
 * sources leak. NULL is left alone.
 */
void lookup_pool_give(struct lookup_pool *pool, struct lookup *lookup);

/*
 * Whether the forker has died, which is logged. Nothing can be looked up any more, and the sandbox
 * does not let it be started again: the program has to end and be started anew.
 */
bool lookup_pool_is_broken(const struct lookup_pool *pool);

#endif
