/*
 * Roles go by their rank among the names of both policies, and conditions by a number for each
 * text, so that what two policies say of a name can be sorted and walked through side by side.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/diff_rules.h"

#include <stdlib.h>
#include <string.h>

#include "xacct_admin/diff_numbers.h"
#include "xacct_admin/words.h"

#define UNCONDITIONAL ((size_t)0) /* the number of the text of no conditions */

/* That a grant gives the name a role. */
struct given {
    size_t role;       /* its rank */
    size_t conditions; /* their number */
    size_t grant;
    size_t deny; /* the deny that takes it away, from 1; 0: none */
};

/* What a deny takes away, in words. */
struct scope {
    const char *words;
    size_t deny;
};

/* The deny, from 1, that takes a role or an account away from the name with this number. */
struct taken {
    size_t number, deny;
};

/* What one of the policies says. */
struct rules_side {
    const struct policy *policy;
    size_t *rank;       /* of each role */
    size_t *conditions; /* of each grant */
    struct taken *roles, *accounts;
    size_t everything; /* the deny, from 1, that takes everything away */
    struct given *given;
    size_t given_count, given_room;
    struct scope *scopes;
    size_t scope_count, scope_room;
    const struct grant *starts; /* the first grant with a default */
    bool has_role;              /* that no deny takes away */
};

struct rules {
    struct diff *diff;
    struct rules_side sides[SIDES];
    const char **roles;     /* names, by rank */
    struct numbers numbers; /* of conditions */
    struct text scratch;
    size_t number; /* of the name */
    const char *kind;
    const char *name;
};

static void number_conditions(struct rules *rules, struct rules_side *side)
{
    size_t i;

    for (i = 0; i < side->policy->grant_count; i++) {
        rules->scratch.length = 0;
        text_add(&rules->scratch, "");
        words_add_conditions(&rules->scratch, &side->policy->grants[i]);
        side->conditions[i] = numbers_find(&rules->numbers, &rules->scratch);
    }
}

/* A role of a side, on its way to its rank. */
struct ranked {
    const char *name;
    size_t *rank;
};

static int compare_ranked(const void *a, const void *b)
{
    return strcmp(((const struct ranked *)a)->name, ((const struct ranked *)b)->name);
}

/* Gives roles of one name one rank. */
static void rank_roles(struct rules *rules)
{
    size_t count = rules->sides[OLD].policy->role_count + rules->sides[NEW].policy->role_count;
    struct ranked *ranked = arena_alloc(&rules->diff->memory, count + 1, sizeof *ranked);
    size_t i, j, next = 0;

    rules->roles = arena_alloc(&rules->diff->memory, count + 1, sizeof *rules->roles);
    if (ranked == NULL || rules->roles == NULL)
        return;
    for (count = 0, i = OLD; i < SIDES; i++)
        for (j = 0; j < rules->sides[i].policy->role_count; j++)
            ranked[count++] =
                (struct ranked){rules->sides[i].policy->roles[j].name, &rules->sides[i].rank[j]};
    if (count > 1)
        qsort(ranked, count, sizeof *ranked, compare_ranked);
    for (i = 0; i < count; i++) {
        if (next == 0 || strcmp(rules->roles[next - 1], ranked[i].name) != 0)
            rules->roles[next++] = ranked[i].name;
        *ranked[i].rank = next - 1;
    }
}

struct rules *rules_new(struct diff *diff)
{
    struct rules *rules = calloc(1, sizeof *rules);
    struct arena *memory = &diff->memory;
    unsigned i;

    if (rules == NULL)
        return NULL;
    rules->diff = diff;
    rules->numbers.memory = memory;
    for (i = OLD; i < SIDES; i++) {
        struct rules_side *side = &rules->sides[i];

        side->policy = diff->sides[i].policy;
        side->rank = arena_alloc(memory, side->policy->role_count + 1, sizeof *side->rank);
        side->conditions =
            arena_alloc(memory, side->policy->grant_count + 1, sizeof *side->conditions);
        side->roles = arena_alloc(memory, side->policy->role_count + 1, sizeof *side->roles);
        side->accounts =
            arena_alloc(memory, side->policy->account_count + 1, sizeof *side->accounts);
    }
    if (!memory->exhausted) {
        text_add(&rules->scratch, "");
        numbers_find(&rules->numbers, &rules->scratch); /* UNCONDITIONAL, given or not */
        number_conditions(rules, &rules->sides[OLD]);
        number_conditions(rules, &rules->sides[NEW]);
        rank_roles(rules);
    }
    if (!memory->exhausted)
        return rules;
    rules_free(rules);
    return NULL;
}

void rules_free(struct rules *rules)
{
    unsigned i;

    if (rules == NULL)
        return;
    for (i = OLD; i < SIDES; i++) {
        free(rules->sides[i].given);
        free(rules->sides[i].scopes);
    }
    index_free(&rules->numbers.index);
    text_free(&rules->scratch);
    free(rules);
}

/* Makes room for one more item of `size` bytes; NULL without memory, which the diff remembers. */
static void *make_room(struct rules *rules, void *items, size_t count, size_t *room, size_t size)
{
    size_t more = *room > 0 ? 2 * *room : 64;
    void *grown;

    if (count < *room)
        return items;
    grown = reallocarray(items, more, size);
    if (grown == NULL)
        rules->diff->memory.exhausted = true;
    else
        *room = more;
    return grown;
}

void rules_begin(struct rules *rules, const char *kind, const char *name)
{
    unsigned i;

    rules->number++;
    rules->kind = kind;
    rules->name = name;
    for (i = OLD; i < SIDES; i++) {
        rules->sides[i].everything = 0;
        rules->sides[i].given_count = 0;
        rules->sides[i].scope_count = 0;
        rules->sides[i].starts = NULL;
        rules->sides[i].has_role = false;
    }
}

static void add_scope(struct rules *rules, struct rules_side *side, size_t deny, const char *words)
{
    struct scope *scopes =
        make_room(rules, side->scopes, side->scope_count, &side->scope_room, sizeof *scopes);

    if (scopes == NULL)
        return;
    side->scopes = scopes;
    scopes[side->scope_count++] = (struct scope){words, deny};
}

/* Notes that a deny takes something away; the first does. */
static void take(const struct rules *rules, struct taken *taken, size_t deny)
{
    if (taken->number != rules->number)
        *taken = (struct taken){rules->number, deny + 1};
}

void rules_add_deny(struct rules *rules, enum side which, size_t place, bool is_crossed)
{
    struct rules_side *side = &rules->sides[which];
    const struct deny *deny = &side->policy->denies[place];
    struct arena *memory = &rules->diff->memory;
    const char *words;
    size_t i;

    if (deny->role_count == 0 && deny->account_count == 0) {
        if (side->everything == 0)
            side->everything = place + 1;
        if (!is_crossed)
            add_scope(rules, side, place, "deny everything");
    }
    for (i = 0; i < deny->account_count; i++) {
        take(rules, &side->accounts[deny->accounts[i] - side->policy->accounts], place);
        words = arena_format(memory, "deny account %s", deny->accounts[i]->name);
        if (!is_crossed && words != NULL)
            add_scope(rules, side, place, words);
    }
    for (i = 0; i < deny->role_count; i++) {
        take(rules, &side->roles[deny->roles[i] - side->policy->roles], place);
        words = arena_format(memory, "deny role %s", deny->roles[i]->name);
        if (!is_crossed && words != NULL)
            add_scope(rules, side, place, words);
    }
}

/* The deny that takes this role away from the name, from 1; or 0. */
static size_t taken_by(const struct rules *rules, const struct rules_side *side,
                       const struct role *role)
{
    const struct taken *taken[] = {&side->roles[role - side->policy->roles],
                                   &side->accounts[role->account - side->policy->accounts]};
    size_t i;

    for (i = 0; side->everything == 0 && i < 2; i++)
        if (taken[i]->number == rules->number)
            return taken[i]->deny;
    return side->everything;
}

void rules_add_grant(struct rules *rules, enum side which, size_t place)
{
    struct rules_side *side = &rules->sides[which];
    const struct grant *grant = &side->policy->grants[place];
    size_t i;

    if (side->starts == NULL && grant->default_role != NULL &&
        taken_by(rules, side, grant->default_role) == 0)
        side->starts = grant;
    for (i = 0; i < grant->role_count; i++) {
        const struct role *role = grant->roles[i];
        struct given *given =
            make_room(rules, side->given, side->given_count, &side->given_room, sizeof *given);

        if (given == NULL)
            return;
        side->given = given;
        given[side->given_count++] =
            (struct given){side->rank[role - side->policy->roles], side->conditions[place], place,
                           taken_by(rules, side, role)};
        side->has_role = side->has_role || given[side->given_count - 1].deny == 0;
    }
}

static int compare_sizes(size_t left, size_t right)
{
    return (left > right) - (left < right);
}

static int compare_given(const void *a, const void *b)
{
    const struct given *left = a;
    const struct given *right = b;
    int order = compare_sizes(left->role, right->role);

    if (order == 0)
        order = compare_sizes(left->conditions, right->conditions);
    return order != 0 ? order : compare_sizes(left->grant, right->grant);
}

static int compare_scopes(const void *a, const void *b)
{
    const struct scope *left = a;
    const struct scope *right = b;
    int order = strcmp(left->words, right->words);

    return order != 0 ? order : compare_sizes(left->deny, right->deny);
}

static void tell(struct rules *rules, struct change change, bool is_grant, size_t rule)
{
    const struct policy *policy = rules->sides[change.side].policy;

    change.kind = rules->kind;
    change.name = rules->name;
    change.at = is_grant ? policy->grants[rule].at : policy->denies[rule].at;
    change.rule = is_grant
                      ? policy->grants[rule].title
                      : arena_format(&rules->diff->memory, "deny %s", policy->denies[rule].name);
    diff_tell(rules->diff, &change);
}

/* What one side gives of one role. */
struct slice {
    const struct given *items;
    size_t count;
    const struct given *first; /* that no deny takes away, or NULL */
    bool unconditional;
};

/* Takes what begins at *next and is of this role. */
static struct slice slice_of(const struct rules_side *side, size_t *next, size_t role)
{
    struct slice slice = {.items = side->given + *next};
    size_t i;

    for (; *next < side->given_count && side->given[*next].role == role; ++*next)
        slice.count++;
    for (i = 0; i < slice.count; i++) {
        if (slice.items[i].deny != 0)
            continue;
        if (slice.first == NULL)
            slice.first = &slice.items[i];
        if (slice.items[i].conditions == UNCONDITIONAL)
            slice.unconditional = true;
    }
    return slice;
}

/*
 * Moves *next past the items of one number of conditions. Returns the first of them, or NULL at the
 * end.
 */
static const struct given *next_conditions(const struct slice *slice, size_t *next)
{
    const struct given *given = slice->items + *next;

    if (*next >= slice->count)
        return NULL;
    while (*next < slice->count && slice->items[*next].conditions == given->conditions)
        ++*next;
    return given;
}

/* Whether both give the role under the same conditions. */
static bool are_alike(const struct slice *left, const struct slice *right)
{
    const struct given *a, *b;
    size_t i = 0, j = 0;

    if (left->unconditional || right->unconditional)
        return left->unconditional && right->unconditional;
    do {
        a = next_conditions(left, &i);
        b = next_conditions(right, &j);
    } while (a != NULL && b != NULL && a->conditions == b->conditions);
    return a == NULL && b == NULL;
}

/* The conditions under which the role is given, in words that belong to the diff. */
static const char *conditions_of(struct rules *rules, const struct slice *slice)
{
    const struct given *given;
    size_t next = 0;

    if (slice->unconditional)
        return "no conditions";
    rules->scratch.length = 0;
    while ((given = next_conditions(slice, &next)) != NULL) {
        text_add(&rules->scratch, rules->scratch.length > 0 ? "; or " : "");
        text_add(&rules->scratch, rules->numbers.texts[given->conditions]);
    }
    return arena_text(&rules->diff->memory, rules->scratch.bytes, rules->scratch.length);
}

/* Tells how a role is given now and was given. */
static void compare_slices(struct rules *rules, const char *role, const struct slice *old,
                           const struct slice *new)
{
    if (old->first == NULL && new->first != NULL) {
        tell(rules,
             (struct change){.sign = '+',
                             .what = role,
                             .is = new->unconditional ? NULL : conditions_of(rules, new),
                             .side = NEW},
             true, new->first->grant);
    } else if (old->first != NULL && new->first == NULL &&new->count > 0) {
        tell(rules, (struct change){.sign = '-', .what = role, .side = NEW}, false,
             new->items[0].deny - 1);
    } else if (old->first != NULL && new->first == NULL) {
        tell(rules, (struct change){.sign = '-', .what = role, .side = OLD}, true,
             old->first->grant);
    } else if (old->first != NULL && !are_alike(old, new)) {
        tell(rules,
             (struct change){.sign = '~',
                             .what = role,
                             .was = conditions_of(rules, old),
                             .is = conditions_of(rules, new),
                             .side = NEW},
             true, new->first->grant);
    }
}

static void compare_roles(struct rules *rules)
{
    const struct rules_side *old = &rules->sides[OLD], *new = &rules->sides[NEW];
    size_t i = 0, j = 0;

    while (i < old->given_count || j < new->given_count) {
        size_t role = i < old->given_count ? old->given[i].role : new->given[j].role;
        struct slice was, is;

        if (j < new->given_count &&new->given[j].role < role)
            role = new->given[j].role;
        was = slice_of(old, &i, role);
        is = slice_of(new, &j, role);
        compare_slices(rules, rules->roles[role], &was, &is);
    }
}

/* Moves *next past the scopes that say the same as the one there. */
static const struct scope *next_scope(const struct rules_side *side, size_t *next)
{
    const struct scope *scope = &side->scopes[*next];

    do
        ++*next;
    while (*next < side->scope_count && strcmp(side->scopes[*next].words, scope->words) == 0);
    return scope;
}

static void compare_denied(struct rules *rules)
{
    const struct rules_side *old = &rules->sides[OLD], *new = &rules->sides[NEW];
    size_t i = 0, j = 0;

    while (i < old->scope_count || j < new->scope_count) {
        int order = i < old->scope_count ? -1 : 1;
        const struct scope *was = NULL, *is = NULL;

        if (i < old->scope_count && j < new->scope_count)
            order = strcmp(old->scopes[i].words, new->scopes[j].words);
        if (order <= 0)
            was = next_scope(old, &i);
        if (order >= 0)
            is = next_scope(new, &j);
        if (was == NULL && is != NULL)
            tell(rules, (struct change){.sign = '+', .what = is->words, .side = NEW}, false,
                 is->deny);
        else if (was != NULL && is == NULL)
            tell(rules, (struct change){.sign = '-', .what = was->words, .side = OLD}, false,
                 was->deny);
    }
}

/* Of somebody who has roles before and after: which one the login starts with, by the grants. */
static void compare_starts(struct rules *rules)
{
    const struct rules_side *old = &rules->sides[OLD], *new = &rules->sides[NEW];
    const char *was = old->starts != NULL ? old->starts->default_role->name : NULL;
    const char *is = new->starts != NULL ? new->starts->default_role->name : NULL;
    bool in_new = new->starts != NULL;

    if (!old->has_role || !new->has_role || (was == NULL && is == NULL) ||
        (was != NULL && is != NULL && strcmp(was, is) == 0))
        return;
    tell(rules,
         (struct change){.sign = '~',
                         .what = "default",
                         .was = was != NULL ? was : "none",
                         .is = is != NULL ? is : "none",
                         .side = in_new ? NEW : OLD},
         true,
         in_new ? (size_t)(new->starts - new->policy->grants)
                : (size_t)(old->starts - old->policy->grants));
}

void rules_compare(struct rules *rules)
{
    unsigned i;

    if (rules->diff->memory.exhausted)
        return;
    for (i = OLD; i < SIDES; i++) {
        struct rules_side *side = &rules->sides[i];

        if (side->given_count > 1)
            qsort(side->given, side->given_count, sizeof *side->given, compare_given);
        if (side->scope_count > 1)
            qsort(side->scopes, side->scope_count, sizeof *side->scopes, compare_scopes);
    }
    compare_roles(rules);
    compare_denied(rules);
    compare_starts(rules);
}
