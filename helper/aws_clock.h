/*
 * AWS's clock. A request that is signed minutes away from it is refused, and what AWS issues ends
 * by it; so where this host's clock is wrong, the difference is learned from the refusal.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_AWS_CLOCK_H
#define XACCT_HELPER_AWS_CLOCK_H

#include <stdbool.h>
#include <time.h>

/* Seconds since 1970 by AWS's clock, as far as it is known: else by this host's. */
time_t aws_clock_now(void);

/* The seconds by which AWS's clock is known to be ahead of this host's; 0 until one was learned. */
long aws_clock_ahead(void);

/*
 * Learns that AWS's clock is `ahead` seconds ahead of this host's, and the log says so. What
 * differs by less than four minutes from what is known, which AWS forgives, is no news. Returns
 * whether it was news.
 */
bool aws_clock_learn(long ahead);

#endif
