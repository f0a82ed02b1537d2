/*
 * Roles that nothing gives, and patterns that give nothing or could give one of two roles.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "policy/lint_checks.h"
#include "policy/pattern.h"
#include "policy/values.h"

/* What a pattern is found to do. */
struct found {
    bool gives;            /* some role */
    const char *ambiguous; /* a group that it could split in two ways; NULL: none */
};

/* Looks at what the pattern makes of the group. Returns the one role that it gives, or NULL. */
static const struct role *look_at(struct linting *linting, const struct pattern *pattern,
                                  const char *group, struct found *found)
{
    struct derived_roles derived = {.memory = &linting->scratch};
    const struct role *role = NULL;

    switch (group != NULL ? pattern_split(linting->policy, pattern, group, &derived, &role)
                          : SPLIT_NONE) {
    case SPLIT_NONE:
        break;
    case SPLIT_ONE:
        found->gives = true;
        break;
    case SPLIT_TWO:
        if (found->ambiguous == NULL)
            found->ambiguous = group;
        break;
    }
    derived_roles_end(&derived);
    return role;
}

/* Tries the groups of all configured roles, and notes which of them the pattern gives. */
static void try_roles(struct linting *linting, const struct pattern *pattern, bool *given,
                      struct found *found)
{
    const struct policy *policy = linting->policy;
    size_t i;
    int by_id;

    for (i = 0; i < policy->role_count; i++)
        for (by_id = 0; by_id <= 1; by_id++) {
            const struct role *role = &policy->roles[i];
            const char *group = pattern_group_of(pattern, role, by_id != 0, &linting->scratch);

            if (look_at(linting, pattern, group, found) == role)
                given[i] = true;
        }
}

/* Tries a group of each account, of any role: of a pattern that takes roles as they are. */
static void try_accounts(struct linting *linting, const struct pattern *pattern,
                         struct found *found)
{
    const struct policy *policy = linting->policy;
    size_t i;

    for (i = 0; i < policy->account_count; i++) {
        const struct account *account = &policy->accounts[i];

        look_at(linting, pattern,
                pattern_fill(pattern->groups, account->name, "ROLE", &linting->scratch), found);
        look_at(linting, pattern,
                pattern_fill(pattern->groups, account->id, "ROLE", &linting->scratch), found);
    }
}

/*
 * Tells of a pattern that takes any role, and whose groups do not show where its name begins: for
 * an account that is not listed here they would be groups of another one.
 */
static void check_separator(struct linting *linting, const struct pattern *pattern)
{
    const struct account *account = linting->policy->accounts;
    struct arena *memory = &linting->scratch;
    const char *between = pattern->between, *other, *role, *group;

    if (between[strspn(between, VALUE_NAME_BYTES)] != '\0')
        return;
    other = pattern->role_first ? arena_format(memory, "x%s%s", between, account->name)
                                : arena_format(memory, "%s%sx", account->name, between);
    role = pattern->role_first ? arena_format(memory, "ROLE%sx", between)
                               : arena_format(memory, "x%sROLE", between);
    group = other != NULL ? pattern_fill(pattern->groups, other, "ROLE", memory) : NULL;
    if (group == NULL || role == NULL)
        return;
    lint_add(linting, LINT_WARNING, pattern->rule.at,
             "[%s] takes any role with case = exact, and a role's name may hold the \"%s\" that "
             "stands between {account} and {role}: the group %s, though it be for an account %s "
             "that is not listed here, gives the role %s of [account %s]; put something between "
             "them that no role's name can hold, such as #, or write case = fold",
             pattern->rule.title, between, group, other, role, account->name);
}

static void check_pattern(struct linting *linting, const struct pattern *pattern, bool *given)
{
    const struct grant *rule = &pattern->rule;
    struct found found = {.ambiguous = NULL};

    try_roles(linting, pattern, given, &found);
    if (pattern->exact)
        try_accounts(linting, pattern, &found);
    if (found.ambiguous != NULL)
        lint_add(linting, LINT_ERROR, rule->at,
                 "[%s] could split a group such as %s in two ways, and so takes no role from it; "
                 "change the form of the groups, or the names of the accounts and roles",
                 rule->title, found.ambiguous);
    else if (!found.gives)
        lint_add(linting, LINT_WARNING, rule->at, "[%s] can give no role: %s", rule->title,
                 pattern->exact
                     ? "there is no [account]"
                     : "no [role] has a name that it would look for; with case = exact it "
                       "takes any that a group names");
    else if (pattern->exact)
        check_separator(linting, pattern);
}

static void note_base_role(const struct policy *policy, const struct role_settings *settings,
                           bool *given)
{
    if (settings->base_role != NULL)
        given[settings->base_role - policy->roles] = true;
}

/* A role that others start from is of use, whoever may use it himself. */
static void note_base_roles(const struct policy *policy, bool *given)
{
    size_t i;

    for (i = 0; i < policy->account_count; i++)
        note_base_role(policy, &policy->accounts[i].settings, given);
    for (i = 0; i < policy->role_count; i++)
        note_base_role(policy, &policy->roles[i].settings, given);
    for (i = 0; i < policy->pattern_count; i++)
        note_base_role(policy, &policy->patterns[i].settings, given);
}

void lint_patterns(struct linting *linting)
{
    const struct policy *policy = linting->policy;
    bool *given = arena_alloc(&linting->scratch, policy->role_count, sizeof *given);
    size_t i, j;

    if (given == NULL)
        return;
    for (i = 0; i < policy->pattern_count; i++)
        check_pattern(linting, &policy->patterns[i], given);
    for (i = 0; i < policy->grant_count; i++)
        for (j = 0; j < policy->grants[i].role_count; j++)
            given[policy->grants[i].roles[j] - policy->roles] = true;
    note_base_roles(policy, given);
    for (i = 0; i < policy->role_count; i++)
        if (!given[i])
            lint_add(linting, LINT_WARNING, policy->roles[i].at,
                     "[role %s] may be used by nobody: no [grant] and no [pattern] gives it",
                     policy->roles[i].name);
}
