/*
 * What xacct doctor asks for: whether the host's own identity works, whether roles can be assumed
 * with it, and which policy is in force. It gives nobody anything but the answer.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_EXAMINE_H
#define XACCT_HELPER_EXAMINE_H

#include <stdint.h>

#include "helper/progress.h"

/* What was found out. Texts lie in the progress, or belong to its host; NULL or empty: not known.
 */
struct examined {
    struct sts_caller caller;
    const char *account; /* of `caller`, as the next two */
    const char *arn;
    const char *region; /* whose STS was asked */
    time_t ends;        /* when the base credentials do; 0: never, or not known */
    bool clock_known;   /* AWS's clock is */
    long clock_ahead;   /* so many seconds ahead of this host's */
    int64_t took_ms;    /* how long STS took to answer; 0: it did not */
    char code[128];     /* of a refusal, as STS says it */
    const char *policy_hash;
    time_t broken_since; /* since when the policy on disk is passed over; or 0 */
};

/*
 * Does what the request asks for: of a base, fetches its credentials and asks STS whose they are;
 * of a role, assumes it in the name of xacct-doctor@HOST for the shortest time, by an external id
 * of chance where that is asked for, and throws away what it gets; of neither, tells of the policy.
 * Before a role is tried, a line in the audit file says so, and another one what came of it.
 */
void examine_host(struct progress *progress);

#endif
