/*
 * seccomp: which system calls the process may still make.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SANDBOX_SECCOMP_H
#define XACCT_HELPER_SANDBOX_SECCOMP_H

/* Whose calls. */
enum sandbox_calls {
    SANDBOX_HELPER, /* opens pidfds and kills; makes threads and no process */
    SANDBOX_LOOKUP, /* neither */
    SANDBOX_FORKER, /* forks, and closes its children's sandbox to SANDBOX_LOOKUP */
};

/*
 * Loads the list of one of them; lists add up to what all allow. What is not on it fails with EPERM
 * and never kills: a library that probes for something must not end a login. Returns 0 or an errno.
 */
int sandbox_seccomp(enum sandbox_calls calls);

#endif
