/*
 * Packets with descriptors beside them, from one of our processes to another (unix(7),
 * SCM_RIGHTS).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_HANDOVER_H
#define XACCT_HELPER_HANDOVER_H

#include <stddef.h>
#include <sys/types.h>

enum { HANDOVER_COUNT = 2 }; /* so many descriptors, or none, go with a packet */

/*
 * Sends `size` bytes as one packet on `channel`, with copies of `handed`, which stay the caller's,
 * or with no descriptor where that is NULL. `flags` are sendmsg(2)'s beside MSG_NOSIGNAL. Returns 0
 * or an errno.
 */
int handover_send(int channel, const void *bytes, size_t size, const int handed[HANDOVER_COUNT],
                  int flags);

/*
 * Receives one packet of at most `size` bytes. handed[i] becomes a descriptor of the caller's that
 * is closed on exec, or -1: where the process may have no more of them, the kernel drops the last
 * ones. `flags` are recvmsg(2)'s beside MSG_CMSG_CLOEXEC. Returns the bytes received, 0 at the end;
 * or -1 with errno set.
 */
ssize_t handover_receive(int channel, void *bytes, size_t size, int handed[HANDOVER_COUNT],
                         int flags);

/* Closes those that are not -1. */
void handover_close(const int handed[HANDOVER_COUNT]);

#endif
