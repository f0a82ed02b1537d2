/*
 * Deadlines on the monotonic clock, which neither an administrator nor NTP can set back.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_COMMON_DEADLINE_H
#define XACCT_COMMON_DEADLINE_H

#include <stdint.h>

/* An instant on CLOCK_MONOTONIC, in nanoseconds. Copied by value. */
struct deadline {
    int64_t ns;
};

/* The instant `ms` milliseconds from now; a negative `ms` counts as zero. */
struct deadline deadline_in_ms(int64_t ms);

/* The instant `ms` milliseconds, which may not be negative, after another. */
struct deadline deadline_after(struct deadline instant, int64_t ms);

/*
 * Milliseconds left, rounded up so that a wait for them does not end before the deadline; 0 when it
 * has passed. At most INT_MAX, so that it can be handed to poll(2) as it is.
 */
int deadline_left_ms(struct deadline deadline);

/* The earlier of the two. */
struct deadline deadline_earlier(struct deadline a, struct deadline b);

/*
 * Waits until `fd` is ready for one of `events` (POLLIN, POLLOUT), has hung up or failed, or the
 * deadline passes. Interrupted waits go on. Returns 0 when the descriptor is ready in any of these
 * ways, ETIMEDOUT, or the errno of poll(2).
 */
int deadline_wait(struct deadline deadline, int fd, short events);

#endif
