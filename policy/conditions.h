/*
 * Whether what a grant says about time holds, for one login at one instant. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_CONDITIONS_H
#define XACCT_POLICY_CONDITIONS_H

#include <time.h>

#include "policy/decide.h"
#include "policy/zone.h"

/* The clocks of a decision: each zone's is looked at once, when the first grant needs it. */
struct conditions {
    const struct policy *policy;
    const struct login *login;
    struct zone_clock *clocks;   /* one for each of the policy's zones */
    const char *unreadable_zone; /* the file of one that cannot be read: its hours do not hold */
};

/* Returns 0, or ENOMEM; conditions_end is due in either case. The arguments must outlive it. */
int conditions_begin(struct conditions *conditions, const struct policy *policy,
                     const struct login *login);
void conditions_end(struct conditions *conditions);

/* Which of the grant's conditions is not met, or UNMET_NONE. */
enum unmet conditions_unmet(struct conditions *conditions, const struct grant *grant);

/* The first second at which a grant whose conditions are met now meets them no more; 0: never. */
time_t conditions_met_until(struct conditions *conditions, const struct grant *grant);

#endif
