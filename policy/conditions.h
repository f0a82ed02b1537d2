/*
 * Whether the conditions of a grant or pattern hold, for one login at one instant. Inside policy/
 * only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_CONDITIONS_H
#define XACCT_POLICY_CONDITIONS_H

#include <time.h>

#include "policy/address.h"
#include "policy/decide.h"
#include "policy/zone.h"

/* What a decision's conditions are held against. */
struct conditions {
    const struct policy *policy;
    const struct login *login;
    bool has_address; /* login->address is one, which then is: */
    struct address address;
    bool is_from_here;         /* and is this host's own */
    struct zone_clock *clocks; /* one for each of the policy's zones; all zero where its file cannot
                                  be read */
    const char *unreadable_zone; /* the file of one that cannot be read: its hours do not hold */
};

/* Returns 0, or ENOMEM; conditions_end is due in either case. The arguments must outlive it. */
int conditions_begin(struct conditions *conditions, const struct policy *policy,
                     const struct login *login);
void conditions_end(struct conditions *conditions);

/* Whether the rule has this condition. One without `services` is for sshd, which counts as none. */
bool conditions_has(const struct grant *rule, enum condition which);

/* Whether this condition is met; YES where the rule does not have it. */
enum answer conditions_answer(struct conditions *conditions, const struct grant *rule,
                              enum condition which);

/*
 * Whether the rule is for such logins at all: services, hosts, from and auth. Where the answer is
 * NO and `why` is not NULL, *why says which but the service, or UNMET_NONE for that.
 */
enum answer conditions_apply(struct conditions *conditions, const struct grant *rule,
                             enum unmet *why);

/* Which of the rule's conditions about time is not met, or UNMET_NONE. */
enum unmet conditions_unmet(struct conditions *conditions, const struct grant *rule);

/* The first second at which a rule whose conditions are met now meets them no more; 0: never. */
time_t conditions_met_until(struct conditions *conditions, const struct grant *rule);

#endif
