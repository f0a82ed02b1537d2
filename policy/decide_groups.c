/*
 * Which look-ups a decision can depend on.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>

#include "policy/deciding.h"

/* What some answer could give the login. */
struct reach {
    bool *roles;    /* one for each of the policy's roles */
    bool *accounts; /* one for each of its accounts: one of these roles is in it */
    bool any;       /* all that no deny surely takes away: patterns hold, whose groups may be any;
                       then the others are not looked at */
};

/* Whether the rule is for such logins, or may turn out to be. */
static bool may_apply(struct deciding *deciding, const struct grant *rule)
{
    return conditions_apply(&deciding->conditions, rule, NULL) != ANSWER_NO;
}

static bool holds(struct deciding *deciding, const struct grant *rule)
{
    return conditions_unmet(&deciding->conditions, rule) == UNMET_NONE;
}

/* Notes that some answer could give the login this role. */
static void reach_role(const struct deciding *deciding, const struct role *role,
                       struct reach *reach)
{
    if (deciding_taken_from(deciding, role).surely != NULL)
        return;
    reach->roles[role - deciding->policy->roles] = true;
    reach->accounts[role->account - deciding->policy->accounts] = true;
}

/* Whether the grant at this place names the login. */
static enum answer answer_of_grant(const struct deciding *deciding, size_t place)
{
    const struct policy *policy = deciding->policy;

    return rule_set_has(&deciding->grants, place)
               ? match_grant(policy, &policy->grants[place], deciding->login).answer
               : ANSWER_NO;
}

static enum answer answer_of_deny(const struct deciding *deciding, size_t place)
{
    const struct policy *policy = deciding->policy;

    return rule_set_has(&deciding->denies, place)
               ? match_deny(policy, &policy->denies[place], deciding->login).answer
               : ANSWER_NO;
}

/* Notes what a grant gives that the login is named in, or may be by a group. */
static void reach_grant(struct deciding *deciding, const struct grant *grant, struct reach *reach)
{
    size_t i;

    if (!may_apply(deciding, grant) || !holds(deciding, grant))
        return;
    for (i = 0; i < grant->role_count; i++)
        reach_role(deciding, grant->roles[i], reach);
}

/*
 * Notes which roles some answer could give the login now. Of a large policy only the grants are
 * looked at that name the login or a group: to touch all of them takes longer than to decide.
 */
static void note_reach(struct deciding *deciding, struct reach *reach)
{
    const struct policy *policy = deciding->policy;
    const struct places *with_groups = &policy->rules_with_groups.grants;
    const struct rule_set *named = &deciding->grants;
    size_t i;

    for (i = 0; i < policy->pattern_count && !reach->any; i++)
        reach->any = may_apply(deciding, &policy->patterns[i].rule) &&
                     holds(deciding, &policy->patterns[i].rule);
    if (reach->any)
        return;
    for (i = 0; i < with_groups->count; i++)
        reach_grant(deciding, &policy->grants[with_groups->items[i]], reach);
    for (i = rule_set_next(named, 0); i < named->count; i = rule_set_next(named, i + 1))
        if (policy->grants[i].who.group_count == 0 && answer_of_grant(deciding, i) != ANSWER_NO)
            reach_grant(deciding, &policy->grants[i], reach);
}

/* Whether a deny could take away anything that is within reach. */
static bool bites(const struct deciding *deciding, const struct deny *deny,
                  const struct reach *reach)
{
    const struct policy *policy = deciding->policy;
    size_t i;

    for (i = 0; i < deny->role_count; i++)
        if (reach->any ? deciding_taken_from(deciding, deny->roles[i]).surely == NULL
                       : reach->roles[deny->roles[i] - policy->roles])
            return true;
    for (i = 0; i < deny->account_count; i++)
        if (reach->any || reach->accounts[deny->accounts[i] - policy->accounts])
            return true;
    return !deny_is_narrowed(deny);
}

static void mark(const struct subjects *who, bool *matters)
{
    size_t i;

    for (i = 0; i < who->group_count; i++)
        matters[who->groups[i]] = true;
}

/* Whether some grant is for the login whatever its groups are: then it is never "no grant". */
static bool is_named(struct deciding *deciding)
{
    const struct policy *policy = deciding->policy;
    const struct rule_set *set = &deciding->grants;
    size_t i;

    for (i = rule_set_next(set, 0); i < set->count; i = rule_set_next(set, i + 1))
        if (match_grant(policy, &policy->grants[i], deciding->login).answer == ANSWER_YES &&
            conditions_apply(&deciding->conditions, &policy->grants[i], NULL) == ANSWER_YES)
            return true;
    return false;
}

/* Marks the groups of every rule that is not about the login already and could change something. */
static void mark_groups(struct deciding *deciding, const struct reach *reach, bool *matters)
{
    const struct policy *policy = deciding->policy;
    const struct places *denies = &policy->rules_with_groups.denies;
    const struct places *grants = &policy->rules_with_groups.grants;
    bool named = is_named(deciding);
    size_t i;

    for (i = 0; i < denies->count; i++) {
        const struct deny *deny = &policy->denies[denies->items[i]];

        if (answer_of_deny(deciding, denies->items[i]) != ANSWER_YES &&
            bites(deciding, deny, reach))
            mark(&deny->who, matters);
    }
    /*
     * A grant that does not hold now gives nothing, whoever is in its groups. It can only turn "no
     * grant" into "denied".
     */
    for (i = 0; i < grants->count; i++) {
        const struct grant *grant = &policy->grants[grants->items[i]];

        if (answer_of_grant(deciding, grants->items[i]) != ANSWER_YES &&
            may_apply(deciding, grant) && (!named || holds(deciding, grant)))
            mark(&grant->who, matters);
    }
}

size_t decide_groups_that_matter(const struct policy *policy, const struct login *login,
                                 bool *matters)
{
    struct deciding deciding;
    size_t count = 0, i;
    struct reach reach = {
        .roles = calloc(policy->role_count + 1, sizeof(bool)),
        .accounts = calloc(policy->account_count + 1, sizeof(bool)),
    };
    enum answer *nowhere = calloc(policy->groups.count + 1, sizeof *nowhere);
    struct login alone = *login;

    memset(matters, 0, policy->groups.count * sizeof *matters);
    alone.in_group = nowhere;
    if (deciding_begin(&deciding, policy, &alone) != 0 || reach.roles == NULL ||
        reach.accounts == NULL || nowhere == NULL) {
        /* Without memory to tell them apart, all may matter. */
        for (i = 0; i < policy->groups.count; i++)
            matters[i] = true;
    } else {
        deciding_note_denies(&deciding);
        if (deciding.everything.surely == NULL) {
            note_reach(&deciding, &reach);
            mark_groups(&deciding, &reach, matters);
        }
    }
    for (i = 0; i < policy->groups.count; i++)
        count += matters[i];
    free(reach.roles);
    free(reach.accounts);
    free(nowhere);
    deciding_end(&deciding);
    return count;
}

bool decide_needs_group_names(const struct policy *policy, const struct login *login)
{
    struct login alone = *login;
    enum answer *nowhere = calloc(policy->groups.count + 1, sizeof *nowhere);
    struct deciding deciding;
    bool needed = true, named;
    size_t i;

    /* Groups that rules name are asked for apart, and what they say only makes this less needed. */
    alone.in_group = nowhere;
    if (deciding_begin(&deciding, policy, &alone) == 0 && nowhere != NULL) {
        deciding_note_denies(&deciding);
        named = is_named(&deciding);
        needed = false;
        for (i = 0; deciding.everything.surely == NULL && i < policy->pattern_count && !needed; i++)
            needed = may_apply(&deciding, &policy->patterns[i].rule) &&
                     (!named || holds(&deciding, &policy->patterns[i].rule));
    }
    free(nowhere);
    deciding_end(&deciding);
    return needed;
}
