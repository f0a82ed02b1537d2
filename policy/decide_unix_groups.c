/*
 * Which Unix groups somebody is in: roles that are surely theirs, and no others.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <string.h>

#include "policy/deciding.h"

struct grouping {
    struct deciding deciding;
    struct derived_roles derived; /* in scratch memory */
    bool *member;
};

/* Whether the rule holds, as far as is known. */
static bool holds(struct deciding *deciding, const struct grant *rule)
{
    return conditions_apply(&deciding->conditions, rule, NULL) == ANSWER_YES &&
           conditions_unmet(&deciding->conditions, rule) == UNMET_NONE;
}

/* Whether some deny takes it away, or might. */
static bool is_touched(const struct taken *taken)
{
    return taken->surely != NULL || taken->maybe != NULL || taken->open != NULL;
}

/* Notes a role of a rule that is for the user and holds. */
static void note_role(struct grouping *grouping, const struct role *role)
{
    const struct unix_group *const groups[] = {role->unix_group, role->account->unix_group};
    struct taken taken = deciding_taken_from(&grouping->deciding, role);
    size_t i;

    if (is_touched(&taken))
        return;
    for (i = 0; i < sizeof groups / sizeof *groups; i++)
        if (groups[i] != NULL)
            grouping->member[groups[i]->place] = true;
}

static void note_grants(struct grouping *grouping)
{
    struct deciding *deciding = &grouping->deciding;
    const struct policy *policy = deciding->policy;
    const struct rule_set *set = &deciding->grants;
    size_t i, j;

    for (i = rule_set_next(set, 0); i < set->count; i = rule_set_next(set, i + 1)) {
        const struct grant *grant = &policy->grants[i];

        if (match_grant(policy, grant, deciding->login).answer == ANSWER_YES &&
            holds(deciding, grant))
            for (j = 0; j < grant->role_count; j++)
                note_role(grouping, grant->roles[j]);
    }
}

static void note_patterns(struct grouping *grouping)
{
    struct deciding *deciding = &grouping->deciding;
    const struct policy *policy = deciding->policy;
    struct given *given;
    size_t count, i, j;

    for (i = 0; i < policy->pattern_count; i++) {
        if (!holds(deciding, &policy->patterns[i].rule))
            continue;
        count = deciding_derive(deciding, &policy->patterns[i], &grouping->derived,
                                &deciding->scratch, &given);
        for (j = 0; j < count; j++)
            note_role(grouping, given[j].role);
    }
}

int decide_unix_groups(const struct policy *policy, const struct login *login, bool *member)
{
    struct grouping grouping = {
        .derived = {.memory = &grouping.deciding.scratch},
        .member = member,
    };
    int error = deciding_begin(&grouping.deciding, policy, login);

    memset(member, 0, policy->unix_group_count * sizeof *member);
    if (error == 0) {
        deciding_note_denies(&grouping.deciding);
        if (!is_touched(&grouping.deciding.everything)) {
            note_grants(&grouping);
            note_patterns(&grouping);
        }
    }
    if (grouping.deciding.scratch.exhausted)
        error = ENOMEM;
    if (error != 0)
        memset(member, 0, policy->unix_group_count * sizeof *member);
    derived_roles_end(&grouping.derived);
    deciding_end(&grouping.deciding);
    return error;
}
