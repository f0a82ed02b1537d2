/*
 * Denies and derived roles, for decisions and for explaining them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/deciding.h"

#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "policy/spelling.h"

int deciding_begin(struct deciding *deciding, const struct policy *policy,
                   const struct login *login)
{
    /* One more of each: malloc may answer a request for none with NULL. */
    *deciding = (struct deciding){
        .policy = policy,
        .login = login,
        .roles = calloc(policy->role_count + 1, sizeof(struct taken)),
        .accounts = calloc(policy->account_count + 1, sizeof(struct taken)),
        .permitted = calloc(policy->role_count + 1, sizeof(size_t)),
    };
    if (conditions_begin(&deciding->conditions, policy, login) != 0 ||
        candidates_grants(policy, login, &deciding->grants) != 0 ||
        candidates_denies(policy, login, &deciding->denies) != 0 || deciding->roles == NULL ||
        deciding->accounts == NULL || deciding->permitted == NULL)
        return ENOMEM;
    return 0;
}

void deciding_end(struct deciding *deciding)
{
    free(deciding->roles);
    free(deciding->accounts);
    free(deciding->permitted);
    index_free(&deciding->derived_places);
    arena_free(&deciding->scratch);
    conditions_end(&deciding->conditions);
    rule_set_free(&deciding->grants);
    rule_set_free(&deciding->denies);
}

bool deny_is_narrowed(const struct deny *deny)
{
    return deny->account_count > 0 || deny->role_count > 0;
}

/* Notes that a deny takes something away, or might. */
static void take(struct taken *taken, const struct deny *deny, const struct match *match)
{
    const struct deny **first = &taken->surely;

    /* Where both could name the login, the look-up counts: it is known which answer is missing. */
    if (match->answer == ANSWER_UNKNOWN)
        first = match->name != NULL ? &taken->maybe : &taken->open;
    if (*first == NULL)
        *first = deny;
}

struct match deciding_note_deny(struct deciding *deciding, const struct deny *deny)
{
    const struct policy *policy = deciding->policy;
    struct match match = match_deny(policy, deny, deciding->login);
    size_t i;

    if (match.answer == ANSWER_NO)
        return match;
    if (!deny_is_narrowed(deny))
        take(&deciding->everything, deny, &match);
    for (i = 0; i < deny->role_count; i++)
        take(&deciding->roles[deny->roles[i] - policy->roles], deny, &match);
    for (i = 0; i < deny->account_count; i++)
        take(&deciding->accounts[deny->accounts[i] - policy->accounts], deny, &match);
    return match;
}

void deciding_note_denies(struct deciding *deciding)
{
    const struct rule_set *set = &deciding->denies;
    size_t i;

    for (i = rule_set_next(set, 0); i < set->count; i = rule_set_next(set, i + 1))
        deciding_note_deny(deciding, &deciding->policy->denies[i]);
}

void deciding_forget_denies(struct deciding *deciding)
{
    deciding->everything = (struct taken){.surely = NULL};
    memset(deciding->roles, 0, deciding->policy->role_count * sizeof *deciding->roles);
    memset(deciding->accounts, 0, deciding->policy->account_count * sizeof *deciding->accounts);
}

bool deciding_is_configured(const struct deciding *deciding, const struct role *role)
{
    uintptr_t first = (uintptr_t)deciding->policy->roles, at = (uintptr_t)role;

    return at >= first && at < first + deciding->policy->role_count * sizeof *role;
}

/* Fills what is still open in *taken from `more`. */
static void add_taken(struct taken *taken, const struct taken *more)
{
    if (taken->surely == NULL)
        taken->surely = more->surely;
    if (taken->maybe == NULL)
        taken->maybe = more->maybe;
    if (taken->open == NULL)
        taken->open = more->open;
}

/*
 * What is taken from the policy's roles that AWS would not tell from a derived one: of its name in
 * any case and with any path, or of a name that templates may make of it.
 */
static void add_taken_from_alike(const struct deciding *deciding, const struct role *role,
                                 struct taken *taken)
{
    const struct policy *policy = deciding->policy;
    const char *name = spelling_name(role);
    const struct roles_alike *alike = spelling_find(policy, role->account, name);
    size_t i;

    for (i = 0; alike != NULL && i < alike->count; i++)
        add_taken(taken, &deciding->roles[alike->items[i] - policy->roles]);
    for (i = 0; i < policy->templated_role_count; i++)
        if (policy->templated_roles[i]->account == role->account &&
            spelling_may_be(policy->templated_roles[i], name))
            add_taken(taken, &deciding->roles[policy->templated_roles[i] - policy->roles]);
}

struct taken deciding_taken_from(const struct deciding *deciding, const struct role *role)
{
    struct taken taken = {.surely = NULL};

    if (deciding_is_configured(deciding, role))
        taken = deciding->roles[role - deciding->policy->roles];
    else
        add_taken_from_alike(deciding, role, &taken);
    add_taken(&taken, &deciding->accounts[role->account - deciding->policy->accounts]);
    return taken;
}

size_t deciding_derive(const struct deciding *deciding, const struct pattern *pattern,
                       struct derived_roles *derived, struct arena *memory, struct given **given)
{
    const struct texts *groups = deciding->login->group_names;
    const struct role *role;
    size_t count = 0, i;

    *given = NULL;
    for (i = 0; groups != NULL && i < groups->count; i++) {
        struct given *items;

        if (pattern_split(deciding->policy, pattern, groups->items[i], derived, &role) != SPLIT_ONE)
            continue;
        items = arena_grow(memory, *given, count, sizeof *items);
        if (items == NULL)
            break;
        *given = items;
        items[count++] = (struct given){role, groups->items[i]};
    }
    return count;
}
