/*
 * An index of names and a list for each group, each with the rules that it stands in; and sets of
 * rules as bits, which put what several names lead to into the order of the policy.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/candidates.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/match.h"

#define WORD_BITS (8 * sizeof(uint64_t))

static void add_place(struct policy *policy, struct places *places, size_t place)
{
    size_t *items = arena_grow(&policy->memory, places->items, places->count, sizeof *items);

    if (items == NULL)
        return;
    places->items = items;
    items[places->count++] = place;
}

/* The entry of this name, which is put there unless it is; NULL without memory. */
static struct named_rules *entry_of(struct policy *policy, const char *name)
{
    void **place = index_place(&policy->rules_by_name, name);
    struct named_rules *entry;

    if (place == NULL) {
        policy->memory.exhausted = true;
        return NULL;
    }
    if (*place != NULL)
        return *place;
    *place = entry = arena_alloc(&policy->memory, 1, sizeof *entry);
    if (entry != NULL)
        entry->name = name;
    return entry;
}

/* Notes the names and groups of the grant, or else the deny, at this place. */
static void note(struct policy *policy, const struct subjects *who, bool grant, size_t place)
{
    const struct texts *const lists[] = {&who->users, &who->principals};
    size_t i, j;

    for (i = 0; i < sizeof lists / sizeof *lists; i++)
        for (j = 0; j < lists[i]->count; j++) {
            struct named_rules *entry = entry_of(policy, lists[i]->items[j]);

            if (entry == NULL)
                return;
            add_place(policy, grant ? &entry->grants : &entry->denies, place);
        }
    for (i = 0; i < who->group_count; i++) {
        struct named_rules *entry = &policy->rules_by_group[who->groups[i]];

        add_place(policy, grant ? &entry->grants : &entry->denies, place);
    }
    if (who->group_count > 0)
        add_place(policy,
                  grant ? &policy->rules_with_groups.grants : &policy->rules_with_groups.denies,
                  place);
}

void candidates_prepare(struct policy *policy)
{
    const size_t rules = policy->grant_count + policy->deny_count;
    size_t i;

    policy->rules_by_group =
        arena_alloc(&policy->memory, policy->groups.count, sizeof *policy->rules_by_group);
    if (policy->rules_by_group == NULL)
        return;
    policy->rules_by_name.memory = &policy->memory;
    /* Where each is for somebody else. Rules for many, who are often the same, make it grow. */
    if (rules > 0)
        index_expect(&policy->rules_by_name, rules);
    for (i = 0; i < policy->grant_count; i++)
        note(policy, &policy->grants[i].who, true, i);
    for (i = 0; i < policy->deny_count; i++)
        note(policy, &policy->denies[i].who, false, i);
}

/* Makes the set one of so many rules, all of them in it or none. Returns 0, or ENOMEM. */
static int begin(struct rule_set *set, size_t count, bool all)
{
    size_t words = count / WORD_BITS + 1;

    set->bits = malloc(words * sizeof *set->bits);
    if (set->bits == NULL)
        return ENOMEM;
    memset(set->bits, all ? 0xff : 0, words * sizeof *set->bits);
    set->count = count;
    return 0;
}

/* Puts the grants of the entry, or else its denies, into the set. */
static void add_entry(struct rule_set *set, const struct named_rules *entry, bool grants)
{
    const struct places *places = grants ? &entry->grants : &entry->denies;
    size_t i;

    for (i = 0; i < places->count; i++)
        set->bits[places->items[i] / WORD_BITS] |= UINT64_C(1) << places->items[i] % WORD_BITS;
}

static void add_name(const struct policy *policy, const char *name, bool grants,
                     struct rule_set *set)
{
    const struct named_rules *entry =
        name != NULL ? index_find(&policy->rules_by_name, name) : NULL;

    if (entry != NULL)
        add_entry(set, entry, grants);
}

/* Puts those in that name a group which the login is in, or might be. */
static void add_groups(const struct policy *policy, const enum answer *in_group, bool grants,
                       struct rule_set *set)
{
    size_t i;

    for (i = 0; i < policy->groups.count; i++)
        if (in_group == NULL || in_group[i] != ANSWER_NO)
            add_entry(set, &policy->rules_by_group[i], grants);
}

int candidates_grants(const struct policy *policy, const struct login *login, struct rule_set *set)
{
    bool all = match_is_open(policy, login);
    int error = begin(set, policy->grant_count, all);

    if (error != 0 || all)
        return error;
    add_name(policy, login->user, true, set);
    add_name(policy, login->human, true, set);
    add_groups(policy, login->in_group, true, set);
    return 0;
}

int candidates_denies(const struct policy *policy, const struct login *login, struct rule_set *set)
{
    const struct certificate *certificate = login->certificate;
    bool all = match_is_open(policy, login);
    int error = begin(set, policy->deny_count, all);
    const enum answer *const others[] = {login->opener_in_group, login->caller_in_group};
    const char *names[LOGIN_NAMES];
    size_t i;

    if (error != 0 || all)
        return error;
    match_names(login, names);
    for (i = 0; i < LOGIN_NAMES; i++)
        add_name(policy, names[i], false, set);
    for (i = 0; certificate != NULL && i < certificate->principals.count; i++)
        add_name(policy, certificate->principals.items[i], false, set);
    add_groups(policy, login->in_group, false, set);
    for (i = 0; i < sizeof others / sizeof *others; i++)
        if (others[i] != NULL)
            add_groups(policy, others[i], false, set);
    return 0;
}

size_t rule_set_next(const struct rule_set *set, size_t place)
{
    while (place < set->count) {
        uint64_t word = set->bits[place / WORD_BITS] >> place % WORD_BITS;

        if (word != 0) {
            place += (size_t)__builtin_ctzll(word);
            break;
        }
        place = (place / WORD_BITS + 1) * WORD_BITS;
    }
    return place < set->count ? place : set->count;
}

bool rule_set_has(const struct rule_set *set, size_t place)
{
    return (set->bits[place / WORD_BITS] >> place % WORD_BITS & 1) != 0;
}

void rule_set_free(struct rule_set *set)
{
    free(set->bits);
    *set = (struct rule_set){.bits = NULL};
}
