/*
 * The socket that the service listens on.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_LISTENER_H
#define XACCT_HELPER_LISTENER_H

#include <stddef.h>

/*
 * Takes the socket that systemd hands over (sd_listen_fds(3): LISTEN_PID, LISTEN_FDS, descriptor
 * 3). Returns the descriptor, non-blocking and close-on-exec, or -1 with a sentence in `why`.
 */
int listener_inherit(char *why, size_t why_size);

/*
 * Makes the socket at `path`, open to every user, as who is at the other end is the kernel's to
 * say. One that nobody listens on any more is replaced. Returns as listener_inherit.
 */
int listener_open(const char *path, char *why, size_t why_size);

#endif
