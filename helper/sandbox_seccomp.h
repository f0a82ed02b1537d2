/*
 * seccomp: which system calls the process may still make.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SANDBOX_SECCOMP_H
#define XACCT_HELPER_SANDBOX_SECCOMP_H

/*
 * Loads the list, for all threads. What is not on it fails with EPERM and never kills: a library
 * that probes for something must not end a login. Returns 0 or an errno.
 */
int sandbox_seccomp(void);

#endif
