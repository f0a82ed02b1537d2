/*
 * What a policy in memory is asked for.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/policy.h"

#include <stdlib.h>

const struct role *policy_find_role(const struct policy *policy, const char *name)
{
    return index_find(&policy->roles_by_name, name);
}

const struct account *policy_find_account(const struct policy *policy, const char *name)
{
    return index_find(&policy->accounts_by_name, name);
}

void policy_free(struct policy *policy)
{
    if (policy == NULL)
        return;
    index_free(&policy->roles_by_name);
    index_free(&policy->accounts_by_name);
    arena_free(&policy->memory);
    free(policy);
}
