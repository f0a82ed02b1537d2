/*
 * Successors of bases and base roles: what may name a thing that stands further down, so it is
 * resolved once all of them are there.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/circle.h"
#include "policy/keys.h"
#include "policy/partition.h"
#include "policy/settings.h"

static const void *successor_of(const void *base)
{
    return ((const struct base *)base)->successor;
}

static void find_successor(struct loader *loader, struct base *base)
{
    base->successor = policy_find_base(loader->policy, base->successor_name);
    if (base->successor == NULL)
        loader_error(loader, base->successor_at, "unknown base %s; there is no [base %s]",
                     base->successor_name, base->successor_name);
    else if (!partition_is_shared(base->region, base->successor->region))
        loader_error(loader, base->successor_at,
                     "successor = %s is in the partition of %s, and this one in that of %s; "
                     "AssumeRole never crosses partitions",
                     base->successor_name, base->successor->region, base->region);
}

void finish_bases(struct loader *loader)
{
    struct policy *policy = loader->policy;
    const char *circle;
    size_t i;

    for (i = 0; i < policy->base_count; i++)
        if (policy->bases[i].successor_name != NULL)
            find_successor(loader, &policy->bases[i]);
    for (i = 0; i < policy->base_count; i++) {
        circle = circle_through(&loader->scratch, &policy->bases[i], successor_of);
        if (circle != NULL)
            loader_error(loader, policy->bases[i].successor_at,
                         "successor goes round in a circle: %s", circle);
    }
    policy->defaults.base = policy->base;
    if (policy->base != NULL && !partition_is_shared(policy->base->region, policy->region))
        loader_error(loader, policy->base->at,
                     "[base] is in the partition of %s, and [xacct] in that of region = %s; name "
                     "it, as in [base NAME], for the accounts that are there",
                     policy->base->region, policy->region);
}

static const void *base_role_of(const void *role)
{
    return ((const struct role *)role)->settings.base_role;
}

/* Finds the role that `settings` name, and tells where there is none. */
static void find_base_role(struct loader *loader, struct role_settings *settings, bool tell)
{
    if (settings->base_role_name == NULL)
        return;
    settings->base_role = policy_find_role(loader->policy, settings->base_role_name);
    if (settings->base_role == NULL && tell)
        loader_error(loader, settings->base_role_at, "unknown role %s; there is no [role %s]",
                     settings->base_role_name, settings->base_role_name);
}

/* Tells where the base role of a role is in another partition, or no role of the host's. */
static void check_base_role(struct loader *loader, const char *title,
                            const struct role_settings *whole)
{
    const char *own = settings_sts_region(whole), *other;

    if (whole->base_role == NULL)
        return;
    if (whole->base_role->settings.via != VIA_HOST)
        loader_error(
            loader, whole->base_role_at,
            "base_role = %s is assumed with the user's own proof, as its `via =` says; only "
            "roles that are assumed with the host's identity stand in front of others",
            whole->base_role_name);
    other = settings_sts_region(&whole->base_role->settings);
    if (!partition_is_shared(own, other))
        loader_error(loader, whole->base_role_at,
                     "base_role = %s is in the partition of %s, and %s in that of %s; AssumeRole "
                     "never crosses partitions",
                     whole->base_role_name, other, title, own);
}

/* The same for the roles that a pattern may derive in any account. */
static void check_derived(struct loader *loader, const struct pattern *pattern)
{
    const struct policy *policy = loader->policy;
    size_t errors = loader->errors->count, i;

    for (i = 0; i < policy->account_count && loader->errors->count == errors; i++) {
        struct role_settings whole = pattern->settings;

        if (whole.base_role == NULL && policy->accounts[i].settings.base_role == NULL)
            continue;
        if (settings_complete(&whole, &policy->accounts[i], policy, &loader->scratch))
            check_base_role(loader, pattern->rule.title, &whole);
    }
}

void finish_base_roles(struct loader *loader)
{
    struct policy *policy = loader->policy;
    const char *circle;
    size_t i;

    for (i = 0; i < policy->account_count; i++)
        find_base_role(loader, &policy->accounts[i].settings, true);
    for (i = 0; i < policy->pattern_count; i++)
        find_base_role(loader, &policy->patterns[i].settings, true);
    for (i = 0; i < policy->role_count; i++) {
        struct role *role = &policy->roles[i];
        const struct role_settings *settings = &role->settings;
        /* What a role took over from its account was told there. */
        bool own = role->account == NULL ||
                   settings->base_role_name != role->account->settings.base_role_name;

        find_base_role(loader, &role->settings, own);
    }
    for (i = 0; i < policy->role_count; i++) {
        struct role *role = &policy->roles[i];

        if (role->settings.base_role != NULL)
            check_base_role(loader, arena_format(&loader->scratch, "role %s", role->name),
                            &role->settings);
        circle = circle_through(&loader->scratch, role, base_role_of);
        if (circle != NULL)
            loader_error(loader, role->settings.base_role_at,
                         "base_role goes round in a circle: %s", circle);
    }
    for (i = 0; i < policy->pattern_count; i++)
        check_derived(loader, &policy->patterns[i]);
}
