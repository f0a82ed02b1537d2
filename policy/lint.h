/*
 * Likely mistakes in a policy that is valid: what can be told without asking NSS or AWS.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_LINT_H
#define XACCT_POLICY_LINT_H

#include <stddef.h>

#include "policy/policy.h"

enum lint_severity { LINT_WARNING, LINT_ERROR };

struct lint_finding {
    enum lint_severity severity;
    struct position at; /* of the policy */
    const char *text;   /* what it is and what would be right; may quote the policy's bytes */
};

/* In the order of kind, then of the policy. Owned by the list. */
struct lint {
    struct lint_finding *items;
    size_t count;
    struct arena memory;
};

/*
 * Looks for mistakes as of `now`. Returns 0, or ENOMEM; the caller frees with lint_free in either
 * case. The policy must outlive the list.
 */
int lint_policy(const struct policy *policy, time_t now, struct lint *lint);

void lint_free(struct lint *lint);

#endif
