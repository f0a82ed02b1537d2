/*
 * Whom the rules of two policies name, and what these say of them. The names are sorted once, so
 * that each is looked at with all rules that name it, and with no others.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>

#include "xacct_admin/diff.h"
#include "xacct_admin/diff_rules.h"

/* That a rule of one side names somebody. */
struct use {
    enum subject_kind kind;
    const char *name;
    enum side side;
    bool is_deny;
    bool is_crossed; /* a deny names it under another kind, and means it all the same */
    size_t rule;     /* its place among the grants or denies */
};

struct uses {
    struct use *items;
    size_t count;
};

static const char *const kinds[] = {
    [SUBJECT_USER] = "user", [SUBJECT_GROUP] = "group", [SUBJECT_PRINCIPAL] = "principal"};

static void add_use(struct diff *diff, struct uses *uses, struct use use)
{
    struct use *items = arena_grow(&diff->memory, uses->items, uses->count, sizeof *items);

    if (items == NULL)
        return;
    uses->items = items;
    items[uses->count++] = use;
}

static void add_uses(struct diff *diff, struct uses *uses, const struct subjects *who,
                     struct use use)
{
    const struct policy *policy = diff->sides[use.side].policy;
    const struct texts *lists[] = {
        [SUBJECT_USER] = &who->users, [SUBJECT_PRINCIPAL] = &who->principals};
    static const enum subject_kind named[] = {SUBJECT_USER, SUBJECT_PRINCIPAL};
    size_t i, j;

    for (i = 0; i < 2; i++)
        for (j = 0; j < lists[named[i]]->count; j++) {
            use.name = lists[named[i]]->items[j];
            use.kind = named[i];
            use.is_crossed = false;
            add_use(diff, uses, use);
            if (!use.is_deny)
                continue;
            /* A deny is about any name of a login, under whichever key it stands. */
            use.kind = named[1 - i];
            use.is_crossed = true;
            add_use(diff, uses, use);
        }
    use.kind = SUBJECT_GROUP;
    use.is_crossed = false;
    for (i = 0; i < who->group_count; i++) {
        use.name = policy->groups.items[who->groups[i]];
        add_use(diff, uses, use);
    }
}

static int compare_uses(const void *a, const void *b)
{
    const struct use *left = a;
    const struct use *right = b;
    int names;

    if (left->kind != right->kind)
        return left->kind < right->kind ? -1 : 1;
    names = strcmp(left->name, right->name);
    if (names != 0)
        return names;
    if (left->is_deny != right->is_deny)
        return left->is_deny ? -1 : 1;
    return (left->rule > right->rule) - (left->rule < right->rule);
}

static void find_uses(struct diff *diff, struct uses *uses)
{
    unsigned side;
    size_t i;

    for (side = OLD; side < SIDES; side++) {
        const struct policy *policy = diff->sides[side].policy;

        for (i = 0; i < policy->grant_count; i++)
            add_uses(diff, uses, &policy->grants[i].who,
                     (struct use){.side = (enum side)side, .rule = i});
        for (i = 0; i < policy->deny_count; i++)
            add_uses(diff, uses, &policy->denies[i].who,
                     (struct use){.side = (enum side)side, .is_deny = true, .rule = i});
    }
    if (uses->count > 1)
        qsort(uses->items, uses->count, sizeof *uses->items, compare_uses);
}

/* Looks at one subject, whom the `count` uses name. */
static void compare_subject(struct rules *rules, const struct use *uses, size_t count)
{
    bool is_named = false;
    size_t i;

    for (i = 0; i < count; i++)
        is_named = is_named || !uses[i].is_crossed;
    if (!is_named)
        return;
    rules_begin(rules, kinds[uses->kind], uses->name);
    for (i = 0; i < count; i++)
        if (uses[i].is_deny)
            rules_add_deny(rules, uses[i].side, uses[i].rule, uses[i].is_crossed);
        else
            rules_add_grant(rules, uses[i].side, uses[i].rule);
    rules_compare(rules);
}

void diff_subjects(struct diff *diff)
{
    struct uses uses = {NULL, 0};
    struct rules *rules = rules_new(diff);
    size_t first, last;

    find_uses(diff, &uses);
    if (rules == NULL)
        diff->memory.exhausted = true;
    for (first = 0; rules != NULL && first < uses.count; first = last) {
        for (last = first + 1; last < uses.count; last++)
            if (uses.items[last].kind != uses.items[first].kind ||
                strcmp(uses.items[last].name, uses.items[first].name) != 0)
                break;
        compare_subject(rules, &uses.items[first], last - first);
    }
    rules_free(rules);
}
