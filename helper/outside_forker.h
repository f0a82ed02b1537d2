/*
 * The process outside the sandbox: it starts what the policy that it was forked with names, by
 * number, each run under a keeper of its own (outside_keeper.h). It reads no output, which goes
 * from the program straight to the helper.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_OUTSIDE_FORKER_H
#define XACCT_HELPER_OUTSIDE_FORKER_H

#include <stddef.h>

#include "common/deadline.h"
#include "helper/handover.h"
#include "helper/outside.h"
#include "policy/policy.h"

#define OUTSIDE_SAID_SIZE ((size_t)1024)

/* What is asked: one packet, with the descriptors of enum outside_handed beside it. */
struct outside_request {
    size_t number;            /* of the base, among those of outside_forker_base */
    struct deadline deadline; /* CLOCK_MONOTONIC is the same in all processes */
    enum outside_key kind;    /* where there is something to sign */
    size_t length;
    unsigned char bytes[OUTSIDE_BYTES_MAX]; /* to be signed */
};

enum outside_handed {
    OUTSIDE_CONTROL, /* a socket (packets) on which the keeper answers; once its other end is closed
                        everything is killed */
    OUTSIDE_OUTPUT   /* the pipe that is the program's standard output */
};

/* How a run ended, on the control socket. */
enum outside_how {
    OUTSIDE_EXITED,  /* with status `code` */
    OUTSIDE_KILLED,  /* by signal `code` */
    OUTSIDE_LATE,    /* killed at the deadline */
    OUTSIDE_REFUSED, /* not started: it must not or cannot be; `said` is a sentence of ours */
    OUTSIDE_FAILED   /* not started: `code` is an errno */
};

struct outside_ending {
    enum outside_how how;
    int code;
    char said[OUTSIDE_SAID_SIZE]; /* what it wrote to standard error first, raw */
};

/* The base with this number among those of the policy that need what runs outside, or NULL. */
const struct base *outside_forker_base(const struct policy *policy, size_t number);

/*
 * Serves requests from `channel` until it closes; `policy`, a struct policy, is the one that
 * counts. For child.h.
 */
void outside_forker_run(int channel, const void *policy);

/*
 * Asks the forker at the other end, handing over the descriptors, without waiting. Returns 0, EPIPE
 * when it has gone, or an errno.
 */
int outside_forker_ask(int channel, const struct outside_request *request,
                       const int handed[HANDOVER_COUNT]);

#endif
