/*
 * When a process started: what tells it from a later one with the same pid.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_PROCESS_START_H
#define XACCT_HELPER_PROCESS_START_H

#include <sys/types.h>

/*
 * Sets *ticks to when process `pid` started, in clock ticks since boot: field 22 of its stat in
 * proc(5). Returns 0; ENOENT or ESRCH when there is no such process, it has ended and is yet to be
 * reaped, or /proc does not show it (as with hidepid); EBADMSG when it cannot be understood; or an
 * errno.
 */
int process_start(pid_t pid, long long *ticks);

#endif
