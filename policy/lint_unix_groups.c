/*
 * Unix groups that nobody can be in as the policy stands, and rules that cannot see them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/index.h"
#include "policy/lint_checks.h"

/* Groups are a Unix user's, and whoever comes to it by certificate shares them. */
static void check_deny(struct linting *linting, const struct deny *deny)
{
    if (deny->who.principals.count > 0 && deny->who.users.count + deny->who.group_count == 0)
        lint_add(linting, LINT_WARNING, deny->at,
                 "[deny %s] names principals alone, and takes no Unix group from whom it names so: "
                 "those are decided for Unix users, whatever certificates they come with",
                 deny->name);
}

/* libnss_xacct does not answer the helper's own look-ups, which would go in a circle. */
static void check_subjects(struct linting *linting, const struct index *groups,
                           const struct subjects *who, struct position at)
{
    size_t i;

    for (i = 0; i < who->group_count; i++) {
        const char *name = linting->policy->groups.items[who->groups[i]];

        if (index_find(groups, name) != NULL)
            lint_add(linting, LINT_WARNING, at,
                     "%s is a unix_group of this policy, and rules do not see those: as a name "
                     "under groups it names nobody",
                     name);
    }
}

void lint_unix_groups(struct linting *linting)
{
    const struct policy *policy = linting->policy;
    struct index groups = {.table = NULL};
    size_t i;

    if (policy->unix_group_count == 0)
        return;
    for (i = 0; i < policy->unix_group_count; i++)
        if (index_add(&groups, policy->unix_groups[i]) == NULL)
            linting->scratch.exhausted = true;
    for (i = 0; i < policy->grant_count; i++)
        check_subjects(linting, &groups, &policy->grants[i].who, policy->grants[i].at);
    for (i = 0; i < policy->deny_count; i++) {
        check_subjects(linting, &groups, &policy->denies[i].who, policy->denies[i].at);
        check_deny(linting, &policy->denies[i]);
    }
    index_free(&groups);
}
