/*
 * Points in time on a command line.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_MOMENT_H
#define XACCT_XACCT_ADMIN_MOMENT_H

#include <stdbool.h>
#include <time.h>

/*
 * Reads YYYY-MM-DD, YYYY-MM-DDTHH:MM or YYYY-MM-DDTHH:MM:SS, the last two with Z or +HH:MM behind
 * them or without; what names no zone is in the host's. A date is its first second. Returns whether
 * it is one of these and there is such a time.
 */
bool moment_read(const char *text, time_t *moment);

struct invocation;

/* Reads --at, without which it is now. Returns false after a complaint. */
bool moment_at(const struct invocation *invocation, time_t *moment);

#endif
