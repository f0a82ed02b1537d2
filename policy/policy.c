/*
 * What a policy in memory is asked for.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>

#include "policy/glob.h"

const struct role *policy_find_role(const struct policy *policy, const char *name)
{
    return index_find(&policy->roles_by_name, name);
}

const struct account *policy_find_account(const struct policy *policy, const char *name)
{
    return index_find(&policy->accounts_by_name, name);
}

const struct account *policy_find_account_by_id(const struct policy *policy, const char *id)
{
    const struct account_by_id *found = index_find(&policy->accounts_by_id, id);

    return found != NULL ? found->account : NULL;
}

const struct ca *policy_find_ca(const struct policy *policy, const unsigned char *key,
                                size_t length)
{
    size_t i;

    for (i = 0; i < policy->ca_count; i++)
        if (policy->cas[i].key_length == length && memcmp(policy->cas[i].key, key, length) == 0)
            return &policy->cas[i];
    return NULL;
}

bool policy_ca_may_name(const struct ca *ca, const char *name)
{
    size_t i;

    for (i = 0; name[0] != '\0' && i < ca->names.count; i++)
        if (glob_matches(ca->names.items[i], name, false))
            return true;
    return false;
}

bool policy_may_certify(const struct policy *policy, const char *name)
{
    size_t i;

    for (i = 0; i < policy->ca_count; i++)
        if (policy_ca_may_name(&policy->cas[i], name))
            return true;
    return false;
}

void policy_free(struct policy *policy)
{
    if (policy == NULL)
        return;
    index_free(&policy->roles_by_name);
    index_free(&policy->accounts_by_name);
    index_free(&policy->accounts_by_id);
    index_free(&policy->roles_by_arn);
    index_free(&policy->roles_by_spelling);
    index_free(&policy->rules_by_name);
    arena_free(&policy->memory);
    free(policy);
}
