/*
 * Grants that can do nothing, as other rules name the same people: all of it is denied to them, or
 * their default comes from a grant before it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/conditions.h"
#include "policy/deciding.h"
#include "policy/lint_checks.h"

/* The rules that name somebody: denies, or the first grant that gives them a default always. */
struct named {
    char *key; /* "user NAME", "principal NAME" or "group NAME" */
    const struct deny **denies;
    size_t deny_count;
    const struct grant *first;
};

/* The entry of a name, made now unless it is there; NULL without memory. */
static struct named *entry_of(struct linting *linting, struct index *index, const char *kind,
                              const char *name)
{
    struct named *entry = arena_alloc(&linting->scratch, 1, sizeof *entry);
    struct named *known;

    if (entry == NULL)
        return NULL;
    entry->key = arena_format(&linting->scratch, "%s %s", kind, name);
    known = entry->key != NULL ? index_add(index, entry) : NULL;
    if (known == NULL)
        linting->scratch.exhausted = true;
    return known;
}

/* Hands each name of a rule's to `visit`, until that returns false. Returns whether it never did.
 */
static bool each_name(struct linting *linting, struct index *index, const struct subjects *who,
                      bool (*visit)(struct linting *, struct named *, const void *),
                      const void *rule)
{
    const struct {
        const char *kind;
        const struct texts *names;
    } lists[] = {{"user", &who->users}, {"principal", &who->principals}};
    struct named *entry;
    size_t i, j;

    for (i = 0; i < sizeof lists / sizeof *lists; i++)
        for (j = 0; j < lists[i].names->count; j++) {
            entry = entry_of(linting, index, lists[i].kind, lists[i].names->items[j]);
            if (entry == NULL || !visit(linting, entry, rule))
                return false;
        }
    for (i = 0; i < who->group_count; i++) {
        entry = entry_of(linting, index, "group", linting->policy->groups.items[who->groups[i]]);
        if (entry == NULL || !visit(linting, entry, rule))
            return false;
    }
    return true;
}

static bool note_deny(struct linting *linting, struct named *entry, const void *rule)
{
    const struct deny **denies =
        arena_grow(&linting->scratch, entry->denies, entry->deny_count, sizeof *denies);

    if (denies == NULL)
        return false;
    entry->denies = denies;
    denies[entry->deny_count++] = rule;
    return true;
}

/* Whether the deny takes this role from whom it names. */
static bool takes(const struct deny *deny, const struct role *role)
{
    size_t i;

    for (i = 0; i < deny->role_count; i++)
        if (deny->roles[i] == role)
            return true;
    for (i = 0; i < deny->account_count; i++)
        if (deny->accounts[i] == role->account)
            return true;
    return !deny_is_narrowed(deny);
}

/* Whether all roles of the grant are taken from somebody. */
static bool is_denied(struct linting *linting, struct named *entry, const void *rule)
{
    const struct grant *grant = rule;
    size_t i, j;

    (void)linting;
    for (i = 0; i < grant->role_count; i++) {
        for (j = 0; j < entry->deny_count; j++)
            if (takes(entry->denies[j], grant->roles[i]))
                break;
        if (j == entry->deny_count)
            return false;
    }
    return true;
}

static void check_denied(struct linting *linting, struct index *index)
{
    const struct policy *policy = linting->policy;
    size_t i;

    for (i = 0; i < policy->deny_count; i++) {
        /* A deny is about any name, whichever key it stands under. */
        const struct deny *deny = &policy->denies[i];
        struct subjects swapped = deny->who;

        each_name(linting, index, &deny->who, note_deny, deny);
        swapped.users = deny->who.principals;
        swapped.principals = deny->who.users;
        swapped.group_count = 0;
        each_name(linting, index, &swapped, note_deny, deny);
    }
    for (i = 0; i < policy->grant_count; i++)
        if (each_name(linting, index, &policy->grants[i].who, is_denied, &policy->grants[i]))
            lint_add(
                linting, LINT_WARNING, policy->grants[i].at,
                "[%s] gives nothing: [deny] sections take all of its roles from everybody whom "
                "it names",
                policy->grants[i].title);
}

/* Whether a grant with a default applies to whom it names whenever they log in by sshd. */
static bool is_unconditional(const struct grant *grant)
{
    unsigned which;

    for (which = 0; which < CONDITION_COUNT; which++)
        if (which != CONDITION_DETACH && conditions_has(grant, (enum condition)which))
            return false;
    return true;
}

static bool note_first(struct linting *linting, struct named *entry, const void *rule)
{
    (void)linting;
    if (entry->first == NULL)
        entry->first = rule;
    return true;
}

/* Whether somebody has another default already. */
static bool has_default(struct linting *linting, struct named *entry, const void *rule)
{
    const struct grant *grant = rule;

    (void)linting;
    return entry->first != NULL && entry->first->default_role != grant->default_role;
}

static void check_default(struct linting *linting, struct index *index)
{
    const struct policy *policy = linting->policy;
    size_t i;

    for (i = 0; i < policy->grant_count; i++) {
        const struct grant *grant = &policy->grants[i];

        if (grant->default_role == NULL)
            continue;
        /* Only logins by sshd are sure to meet the grant before it. */
        if (grant->services.count == 0 &&
            each_name(linting, index, &grant->who, has_default, grant))
            lint_add(linting, LINT_WARNING, grant->at,
                     "default = %s of [%s] is nobody's: everybody whom it names has a default of a "
                     "grant before it",
                     grant->default_role->name, grant->title);
        if (is_unconditional(grant))
            each_name(linting, index, &grant->who, note_first, grant);
    }
}

void lint_names(struct linting *linting)
{
    struct index index = {.table = NULL};

    check_denied(linting, &index);
    check_default(linting, &index);
    index_free(&index);
}
