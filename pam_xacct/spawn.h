/*
 * Starting the helper for one request, and leaving nothing of it behind.
 *
 * The helper is not the module's child. Between the two stands a supervisor: a copy of the calling
 * process with an exit signal of 0, so that neither a SIGCHLD handler of the caller nor an ignored
 * SIGCHLD can take its end away from us, and the caller's dispositions need not be touched. It
 * never executes anything, because exec(2) would bring its SIGCHLD back.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_PAM_XACCT_SPAWN_H
#define XACCT_PAM_XACCT_SPAWN_H

#include <signal.h>
#include <stdbool.h>
#include <sys/types.h>

#include "common/deadline.h"

/* Where the supervisor and the helper before its exec may fail. */
enum stage {
    STAGE_NONE,
    STAGE_DESCRIPTORS,
    STAGE_FORK,
    STAGE_FOLDER,
    STAGE_LIMITS,
    STAGE_GROUPS,
    STAGE_USER,
    STAGE_CAPABILITIES,
    STAGE_VERIFY,
    STAGE_PRIVILEGES,
    STAGE_EXEC,
    STAGE_ENDED, /* no failure: the helper has ended and is reaped; `value` is its wait status */
    STAGE_COUNT
};

/* What the supervisor and the helper before its exec tell the module, in one packet. */
struct stage_report {
    int stage;
    int value; /* an errno, or the wait status */
};

/* All that is needed on the far side, made ready beforehand: nothing can be allocated there. */
struct launch {
    const char *program;
    const char *const *arguments;
    uid_t uid;
    gid_t gid;
    int talk;    /* becomes the helper's standard input */
    int control; /* the supervisor's end */
};

/* A helper that has been started. */
struct helper {
    pid_t supervisor;
    int pidfd;   /* the supervisor's */
    int talk;    /* to the helper */
    int control; /* to the supervisor, which kills the helper when it is shut down */
};

/* How it ended. */
struct ending {
    enum stage failed; /* STAGE_NONE unless the helper could not be started */
    int error;         /* the errno there */
    bool ended;        /* wait_status was reported */
    int wait_status;
};

/*
 * Starts launch->program, whose talk and control are filled in here. Returns 0 and sets *helper, or
 * an errno with nothing left behind. That the program could not be executed shows in the ending.
 */
int helper_start(struct launch *launch, struct helper *helper);

/*
 * Waits until `patience` for the helper to end by itself, then has it killed; reaps everything and
 * closes all descriptors by `done_by`, and fills *ending.
 */
void helper_end(struct helper *helper, struct deadline patience, struct deadline done_by,
                struct ending *ending);

/* What a stage does, to follow "could not", for example "become the helper's user". */
const char *stage_text(enum stage stage);

/* supervisor.c: the life of the supervisor. To be entered with all signals blocked. */
_Noreturn void supervise(const struct launch *launch);

/*
 * supervisor.c: how the supervisor and its child report a failure: one packet on `control`, then
 * the end.
 */
_Noreturn void stage_failed(int control, enum stage stage, int error);

/*
 * become.c: gives up everything and becomes the program, or ends. `control` reports that it could
 * not. The process may have the supervisor's memory, which goes on beside it: nothing but its own
 * stack and `errno` may be written to.
 */
_Noreturn void become_program(const struct launch *launch, int control, pid_t supervisor);

#endif
