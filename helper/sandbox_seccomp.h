/*
 * seccomp: which system calls the process may still make. What each list holds and why is in
 * seccomp/, which makes programs for the kernel of them when the helper is built.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SANDBOX_SECCOMP_H
#define XACCT_HELPER_SANDBOX_SECCOMP_H

#include <linux/filter.h>

/* Whose calls. */
enum sandbox_calls {
    SANDBOX_HELPER,  /* opens pidfds and kills; makes threads and no process */
    SANDBOX_LOOKUP,  /* neither */
    SANDBOX_FORKER,  /* forks, and closes its children's sandbox to SANDBOX_LOOKUP */
    SANDBOX_OUTSIDE, /* everything but what reaches into other processes or the kernel */
    SANDBOX_MODULE,  /* that, and executes nothing */
};

/* A program for the kernel's filter, which make writes. */
struct sandbox_program {
    const struct sock_filter *steps;
    unsigned short count;
};

extern const struct sandbox_program sandbox_programs[]; /* by sandbox_calls */

/*
 * Loads the list of one of them; lists add up to what all allow. What is not allowed fails with
 * EPERM and never kills: a library that probes for something must not end a login. Returns 0 or an
 * errno.
 */
int sandbox_seccomp(enum sandbox_calls calls);

#endif
