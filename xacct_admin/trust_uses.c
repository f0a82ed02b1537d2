/*
 * Which roles a policy has in use.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "common/escape.h"
#include "policy/arn.h"
#include "policy/pattern.h"
#include "policy/template.h"
#include "xacct/complain.h"
#include "xacct_admin/trust.h"

/* A name that no role has, for what a pattern makes of any. */
#define ANY_NAME "xacct-any-role"

static void add_use(struct trust_run *trust, struct uses *uses, const struct use *use)
{
    struct use *items = arena_grow(&trust->memory, uses->items, uses->count, sizeof *items);

    if (items == NULL)
        return;
    uses->items = items;
    items[uses->count++] = *use;
}

/* The role that the pattern derives for this account and name, or NULL. */
static const struct role *derive(struct trust_run *trust, const struct pattern *pattern,
                                 const struct account *account, const char *name)
{
    struct derived_roles derived = {.memory = &trust->memory};
    const struct role *role = NULL;
    const char *group = pattern_fill(pattern->groups, account->name, name, &trust->memory);

    if (group == NULL ||
        pattern_split(trust->reading.policy, pattern, group, &derived, &role) != SPLIT_ONE)
        role = NULL;
    derived_roles_end(&derived);
    return role;
}

/* The roles that the policy does not list, of an account: all of them are one use. */
static void add_derived(struct trust_run *trust, const struct pattern *pattern,
                        const struct account *account, struct uses *uses)
{
    const struct role *role = derive(trust, pattern, account, ANY_NAME);
    const char *path = pattern_fill(pattern->path, account->name, "*", &trust->memory);
    struct arn arn;
    const char *partition;

    if (role == NULL || path == NULL || !arn_parse(role->arn, &arn))
        return;
    partition = arena_text(&trust->memory, arn.partition, arn.partition_length);
    path = trust_pattern_of(trust, path);
    if (partition != NULL && path != NULL)
        add_use(trust, uses,
                &(struct use){.role = role,
                              .grant = &pattern->rule,
                              .arn = arn_of_role(&trust->memory, partition, account->id, path),
                              .is_derived = true});
}

static void add_pattern(struct trust_run *trust, const struct pattern *pattern, struct uses *uses)
{
    const struct policy *policy = trust->reading.policy;
    size_t i;

    for (i = 0; i < policy->role_count; i++)
        if (pattern_group_of(pattern, &policy->roles[i], false, &trust->memory) != NULL)
            add_use(trust, uses,
                    &(struct use){.role = &policy->roles[i],
                                  .grant = &pattern->rule,
                                  .arn = trust_pattern_of(trust, policy->roles[i].arn)});
    for (i = 0; pattern->exact && i < policy->account_count; i++)
        add_derived(trust, pattern, &policy->accounts[i], uses);
}

bool trust_check_paths(const struct role *role)
{
    char outline[ROLE_ARN_LONGEST + 1], shown[ESCAPE_MAX];

    for (; role != NULL; role = role->settings.base_role) {
        template_outline(role->arn, outline);
        if (outline[strspn(outline, TRUST_ARN_BYTES)] == '\0')
            continue;
        complain(
            "trust: %s has in its path what IAM would expand in a policy, or a quote: give the "
            "role a path of letters, digits and _+=,.@- or write the policies by hand",
            escape(shown, sizeof shown, role->arn));
        return false;
    }
    return true;
}

void trust_uses(struct trust_run *trust, struct uses *uses)
{
    const struct policy *policy = trust->reading.policy;
    size_t i, j;

    for (i = 0; i < policy->grant_count; i++) {
        const struct grant *grant = &policy->grants[i];

        for (j = 0; !grant_has_ended(grant, trust->now) && j < grant->role_count; j++)
            add_use(trust, uses,
                    &(struct use){.role = grant->roles[j],
                                  .grant = grant,
                                  .arn = trust_pattern_of(trust, grant->roles[j]->arn)});
    }
    for (i = 0; i < policy->pattern_count; i++)
        if (!grant_has_ended(&policy->patterns[i].rule, trust->now))
            add_pattern(trust, &policy->patterns[i], uses);
}

const struct role *trust_find_role(struct trust_run *trust, const char *name)
{
    const struct policy *policy = trust->reading.policy;
    const struct role *role = policy_find_role(policy, name);
    const char *slash = strchr(name, '/');
    const struct account *account;
    const char *account_name;
    size_t i;

    if (role != NULL || slash == NULL)
        return role;
    account_name = arena_text(&trust->memory, name, (size_t)(slash - name));
    account = account_name != NULL ? policy_find_account(policy, account_name) : NULL;
    for (i = 0; account != NULL && i < policy->pattern_count; i++) {
        role = derive(trust, &policy->patterns[i], account, slash + 1);
        if (role != NULL && strcmp(role->name, name) == 0)
            return role;
    }
    return NULL;
}

bool trust_use_takes(const struct use *use, const struct role *role)
{
    const struct role *step;

    /* What a pattern derives is made anew each time it is asked for. */
    if (use->is_derived && use->role->account == role->account &&
        use->role->at.file == role->at.file && use->role->at.line == role->at.line)
        return true;
    for (step = use->role; step != NULL; step = step->settings.base_role)
        if (step == role)
            return true;
    return false;
}
