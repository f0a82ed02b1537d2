/*
 * Which names certificates may use, and which are of use.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "policy/glob.h"
#include "policy/lint_checks.h"

static bool looks_at_certificates(const struct policy *policy)
{
    size_t i;

    for (i = 0; i < policy->identity_count; i++)
        if (policy->identity[i] == IDENTITY_CERTIFICATE)
            return true;
    return false;
}

/* Tells of each principal of a grant that no certificate may use, and marks the [ca] that may. */
static void check_principals(struct linting *linting, const struct grant *grant, bool *used)
{
    const struct policy *policy = linting->policy;
    size_t i, j;

    for (i = 0; i < grant->who.principals.count; i++) {
        const char *name = grant->who.principals.items[i];
        bool known = false;

        for (j = 0; j < policy->ca_count; j++)
            if (policy_ca_may_name(&policy->cas[j], name))
                known = used[j] = true;
        if (!known)
            lint_add(linting, LINT_WARNING, grant->at,
                     "[%s] names the principal %s, which the names of no [ca] allow", grant->title,
                     name);
    }
}

/* Tells of each pattern of the CA's names that any name is like. */
static void check_names(struct linting *linting, const struct ca *ca)
{
    size_t i;

    for (i = 0; i < ca->names.count; i++)
        if (ca->names.items[i][strspn(ca->names.items[i], "*?")] == '\0')
            lint_add(linting, LINT_WARNING, ca->at,
                     "[ca %s] may use any name with names = %s, also those of other people; narrow "
                     "it, as in *@partner.example",
                     ca->name, ca->names.items[i]);
}

/* Tells of names that certificates of both may use, so that they are taken for one person. */
static void check_overlap(struct linting *linting, const struct ca *one, const struct ca *other)
{
    size_t i, j;

    for (i = 0; i < one->names.count; i++)
        for (j = 0; j < other->names.count; j++)
            if (glob_overlap(one->names.items[i], other->names.items[j])) {
                lint_add(linting, LINT_WARNING, other->at,
                         "[ca %s] with names = %s and [ca %s] with names = %s may use the same "
                         "name, and who has it is one human to us",
                         other->name, other->names.items[j], one->name, one->names.items[i]);
                return;
            }
}

void lint_cas(struct linting *linting)
{
    const struct policy *policy = linting->policy;
    bool *used = arena_alloc(&linting->scratch, policy->ca_count, sizeof *used);
    bool looked_at = looks_at_certificates(policy);
    size_t i, j;

    if (used == NULL)
        return;
    for (i = 0; i < policy->grant_count; i++)
        check_principals(linting, &policy->grants[i], used);
    for (i = 0; i < policy->ca_count; i++) {
        const struct ca *ca = &policy->cas[i];

        if (!looked_at)
            lint_add(linting, LINT_WARNING, ca->at,
                     "[ca %s] is never looked at: identity = in [xacct] leaves certificate out",
                     ca->name);
        else if (!used[i])
            lint_add(linting, LINT_WARNING, ca->at,
                     "[ca %s] gives nobody a role: no [grant] names a principal that its names "
                     "allow",
                     ca->name);
        check_names(linting, ca);
        for (j = 0; j < i; j++)
            check_overlap(linting, &policy->cas[j], ca);
    }
}
