/*
 * How the processes beside the sandbox are started (look-ups, their forker, what runs outside):
 * forks without exec that keep nothing of ours.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_CHILD_H
#define XACCT_HELPER_CHILD_H

#include <sys/types.h>

/*
 * Starts a child that closes its sandbox, calls `run` and ends. Its end of a new socket pair
 * (packets) is its standard input, the first argument of `run`, and `argument` the second; of our
 * other descriptors it has standard output and error alone. It ends when the thread that calls this
 * ends, and by no signal that asks a program to end: these go to all of a terminal's or a service's
 * processes, and what runs in the helper is to be finished. A sandbox that cannot be closed (an
 * errno of `close_sandbox`) ends it.
 *
 * Returns 0 with *pid, to be reaped by the caller, and *socket, to be closed; or an errno.
 */
int child_start(int (*close_sandbox)(void), void (*run)(int socket, const void *argument),
                const void *argument, pid_t *pid, int *socket);

#endif
