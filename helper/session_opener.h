/*
 * The process that opened a session, and whether it lives: a session ends with it at the latest.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SESSION_OPENER_H
#define XACCT_HELPER_SESSION_OPENER_H

#include <stdbool.h>

#include "helper/session_table.h"

/*
 * Finds the process that the session's record names, on this `boot_id`, and watches it from now on
 * by a pidfd: `ready` is called with the session when it ends. Where there are no descriptors left
 * for that, session_opener_lives looks into /proc each time. Returns NULL, or why the session has
 * ended, a constant; what cannot be told is taken for that, unless that passes by itself.
 */
const char *session_opener_find(struct session *session, const char *boot_id,
                                void (*ready)(void *session));

/*
 * As session_opener_find for the process `pid`, as the kernel says, which was there a moment ago.
 * So it is not asked after its start where /proc does not show it.
 */
const char *session_opener_follow(struct session *session, pid_t pid, const char *boot_id,
                                  void (*ready)(void *session));

/* Whether a process lives. */
enum opener_life {
    OPENER_LIVES,
    OPENER_HAS_ENDED,
    OPENER_UNKNOWN /* as memory or descriptors are missing at the moment: nothing ends by that */
};

/* Whether it lives now. */
enum opener_life session_opener_lives(const struct session *session);

/* Watches it no more. */
void session_opener_leave(struct session *session);

#endif
