/*
 * Roles from the names of groups: policy/pattern.h. The first line is the pattern's `groups`, the
 * second its `name`, the third "exact" or "fold"; what follows are groups.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <stdlib.h>
#include <strings.h>

#include "policy/pattern.h"
#include "policy/values.h"
#include "tests/fuzz/policies.h"

#define GROUPS_MOST 8

static struct policy *make_policy(const char *groups, const char *name, const char *letters)
{
    struct policy *policy;
    char *text;

    fuzz_need(asprintf(&text,
                       "[xacct]\nregion = eu-west-1\n[base]\nsource = imds\n"
                       "[account a]\nid = 111122223333\n[account a-b]\nid = 444455556666\n"
                       "[role r]\naccount = a\nname = bastion/Auditor\n"
                       "[role s]\naccount = a-b\nname = Dev\n"
                       "[pattern p]\ngroups = %s\nname = %s\ncase = %s\n",
                       groups, name, letters) > 0,
              "asprintf");
    policy = policy_of_text(text);
    free(text);
    return policy;
}

/* Whether the group is what the pattern makes of the role, in either way; case may differ. */
static bool is_group_of(const struct pattern *pattern, const struct role *role, const char *group,
                        struct arena *memory)
{
    const char *by_name = pattern_group_of(pattern, role, false, memory);
    const char *by_id = pattern_group_of(pattern, role, true, memory);

    return (by_name != NULL && strcasecmp(by_name, group) == 0) ||
           (by_id != NULL && strcasecmp(by_id, group) == 0);
}

static void split(const struct policy *policy, const char *group)
{
    const struct pattern *pattern = &policy->patterns[0];
    struct arena memory = {.last = NULL};
    struct derived_roles derived = {.memory = &memory};
    const struct role *role, *again;
    enum split how = pattern_split(policy, pattern, group, &derived, &role);

    PROMISE((how == SPLIT_ONE) == (role != NULL));
    if (how == SPLIT_ONE) {
        PROMISE(role->account == &policy->accounts[0] || role->account == &policy->accounts[1]);
        PROMISE(is_group_of(pattern, role, group, &memory));
        /* What stands in an ARN in front of the name is the policy's own. */
        PROMISE(value_is_of(strrchr(role->arn, '/') + 1, VALUE_NAME_BYTES, 1, 64));
        PROMISE(pattern_split(policy, pattern, group, &derived, &again) == SPLIT_ONE);
        PROMISE(again == role);
        fuzz_accept();
    }
    derived_roles_end(&derived);
    arena_free(&memory);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};
    char *groups = fuzz_take_text(&input, "\n"), *name = fuzz_take_text(&input, "\n"),
         *letters = fuzz_take_text(&input, "\n");
    struct policy *policy = make_policy(groups, name, letters);
    size_t i;

    for (i = 0; policy != NULL && policy->pattern_count == 1 && input.length > 0 && i < GROUPS_MOST;
         i++) {
        char *group = fuzz_take_text(&input, "\n");

        split(policy, group);
        free(group);
    }
    policy_free(policy);
    free(groups);
    free(name);
    free(letters);
    return 0;
}
