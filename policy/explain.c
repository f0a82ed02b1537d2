/*
 * Every rule asked once more, in words.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/explain.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "common/wire.h"
#include "policy/deciding.h"
#include "policy/explain_condition.h"

/* A list of reasons that is being written. */
struct reasons {
    struct reason *items;
    size_t count;
};

/* One explanation on its way. */
struct explaining {
    struct deciding deciding;
    struct explanation *explanation;
    struct derived_roles derived;
    struct index places; /* of struct derived_place: of derived roles in the list, from 1 */
};

static void add(struct arena *memory, struct reason **items, size_t *count, enum answer answer,
                struct position at, const char *text)
{
    struct reason *grown = arena_grow(memory, *items, *count, sizeof *grown);

    if (grown == NULL || text == NULL)
        return;
    *items = grown;
    grown[(*count)++] = (struct reason){answer, at, text};
}

/* Adds reasons to those of a role. */
static void tell(struct explaining *explaining, struct explained_role *role,
                 const struct reasons *reasons)
{
    size_t i;

    for (i = 0; i < reasons->count; i++)
        add(&explaining->explanation->memory, &role->reasons, &role->reason_count,
            reasons->items[i].answer, reasons->items[i].at, reasons->items[i].text);
}

/* Adds one reason to a list. */
static void note(struct explaining *explaining, struct reasons *reasons, enum answer answer,
                 struct position at, const char *text)
{
    add(&explaining->deciding.scratch, &reasons->items, &reasons->count, answer, at, text);
}

/* Notes what each condition of the rule says. */
static void note_conditions(struct explaining *explaining, const struct grant *rule,
                            struct reasons *reasons)
{
    struct conditions *conditions = &explaining->deciding.conditions;
    struct arena *memory = &explaining->explanation->memory;
    unsigned i;

    for (i = 0; i < CONDITION_COUNT; i++) {
        enum condition which = (enum condition)i;
        enum answer answer = conditions_answer(conditions, rule, which);
        bool has = conditions_has(rule, which);

        if (has || answer != ANSWER_YES)
            note(explaining, reasons, answer, has ? rule->condition_at[which] : rule->at,
                 explain_condition(conditions, rule, which, answer, memory));
    }
}

/* Puts into words whether a grant names the login. */
static const char *explain_match(struct explaining *explaining, const char *title,
                                 const struct match *match)
{
    struct arena *memory = &explaining->explanation->memory;

    if (match->answer == ANSWER_YES)
        return arena_format(memory, "[%s] names %s under %s", title, match->name, match->key);
    if (match->answer == ANSWER_NO)
        return arena_format(memory, "[%s] does not name the login", title);
    if (match->name != NULL)
        return arena_format(memory, "[%s] is for group %s; whether the login is in it is not known",
                            title, match->name);
    if (explaining->deciding.login->opener_unknown)
        return arena_format(memory, "[%s] may be for who is behind the login, which is not known",
                            title);
    return arena_format(
        memory, "[%s] may be for a name of the login's certificate, which is not known", title);
}

/* Tells of each role of each grant what the grant says. */
static void tell_grants(struct explaining *explaining)
{
    const struct policy *policy = explaining->deciding.policy;
    size_t i, j;

    for (i = 0; i < policy->grant_count; i++) {
        const struct grant *grant = &policy->grants[i];
        struct match match = match_grant(policy, grant, explaining->deciding.login);
        struct reasons reasons = {NULL, 0};

        note(explaining, &reasons, match.answer, grant->at,
             explain_match(explaining, grant->title, &match));
        if (match.answer != ANSWER_NO)
            note_conditions(explaining, grant, &reasons);
        for (j = 0; j < grant->role_count; j++)
            tell(explaining, &explaining->explanation->roles[grant->roles[j] - policy->roles],
                 &reasons);
    }
}

/* The entry of a role in the list; of one that was derived just now, a new one. NULL: no memory. */
static struct explained_role *entry_of(struct explaining *explaining, const struct role *role)
{
    struct explanation *explanation = explaining->explanation;
    struct derived_place *place;
    struct explained_role *roles;

    if (deciding_is_configured(&explaining->deciding, role))
        return &explanation->roles[role - explaining->deciding.policy->roles];
    place = index_find(&explaining->places, role->name);
    if (place != NULL)
        return &explanation->roles[place->place - 1];
    place = arena_alloc(&explaining->deciding.scratch, 1, sizeof *place);
    roles = arena_grow(&explanation->memory, explanation->roles, explanation->role_count,
                       sizeof *roles);
    if (place == NULL || roles == NULL)
        return NULL;
    explanation->roles = roles;
    roles[explanation->role_count++] = (struct explained_role){.role = role};
    *place = (struct derived_place){role->name, explanation->role_count};
    if (index_add(&explaining->places, place) == NULL)
        explanation->memory.exhausted = true;
    return &roles[place->place - 1];
}

/* Tells what a pattern makes of one group. */
static void tell_group(struct explaining *explaining, const struct pattern *pattern,
                       const char *group, const struct reasons *conditions)
{
    struct explanation *explanation = explaining->explanation;
    const struct grant *rule = &pattern->rule;
    struct reasons reasons = {NULL, 0};
    struct explained_role *entry;
    const struct role *role;

    switch (
        pattern_split(explaining->deciding.policy, pattern, group, &explaining->derived, &role)) {
    case SPLIT_NONE:
        break;
    case SPLIT_TWO:
        add(&explanation->memory, &explanation->others, &explanation->other_count, ANSWER_NO,
            rule->at,
            arena_format(&explanation->memory,
                         "[%s] could split the group %s in two ways, so it grants nothing",
                         rule->title, group));
        break;
    case SPLIT_ONE:
        entry = entry_of(explaining, role);
        if (entry == NULL)
            return;
        note(explaining, &reasons, ANSWER_YES, rule->at,
             arena_format(&explanation->memory, "[%s] takes %s from the group %s", rule->title,
                          role->name, group));
        tell(explaining, entry, &reasons);
        tell(explaining, entry, conditions);
        break;
    }
}

static void tell_patterns(struct explaining *explaining)
{
    struct explanation *explanation = explaining->explanation;
    const struct policy *policy = explaining->deciding.policy;
    const struct login *login = explaining->deciding.login;
    size_t i, j;

    for (i = 0; i < policy->pattern_count; i++) {
        const struct grant *rule = &policy->patterns[i].rule;
        struct reasons conditions = {NULL, 0};

        if (login->groups_unknown)
            add(&explanation->memory, &explanation->others, &explanation->other_count,
                ANSWER_UNKNOWN, rule->at,
                arena_format(&explanation->memory,
                             "[%s] is for groups, and which groups the login is in is not known",
                             rule->title));
        if (login->group_names == NULL)
            continue;
        note_conditions(explaining, rule, &conditions);
        for (j = 0; j < login->group_names->count; j++)
            tell_group(explaining, &policy->patterns[i], login->group_names->items[j], &conditions);
    }
}

/* Tells of each role that some rule takes it away, or may. */
static void tell_denies(struct explaining *explaining)
{
    struct explanation *explanation = explaining->explanation;
    struct deciding *deciding = &explaining->deciding;
    const struct rule_set *set = &deciding->denies;
    size_t i, j;

    for (i = rule_set_next(set, 0); i < set->count; i = rule_set_next(set, i + 1)) {
        const struct deny *deny = &deciding->policy->denies[i];
        struct match match;
        const char *text;

        deciding_forget_denies(deciding);
        match = deciding_note_deny(deciding, deny);
        if (match.answer == ANSWER_NO)
            continue;
        text = arena_format(&explanation->memory, "deny %s", deny->name);
        text = text != NULL ? explain_match(explaining, text, &match) : NULL;
        if (text != NULL)
            text = arena_format(&explanation->memory, "%s%s, and takes this role away", text,
                                match.answer == ANSWER_UNKNOWN ? ", which counts as named" : "");
        for (j = 0; j < explanation->role_count; j++) {
            struct explained_role *role = &explanation->roles[j];
            struct taken taken = deciding_taken_from(deciding, role->role);

            if (!deny_is_narrowed(deny) || taken.surely != NULL || taken.maybe != NULL ||
                taken.open != NULL)
                add(&explanation->memory, &role->reasons, &role->reason_count, match.answer,
                    deny->at, text);
        }
    }
}

/* Tells that a role which the decision permits is over too soon. */
static void tell_ending(struct explaining *explaining, struct explained_role *entry,
                        const struct permitted_role *permitted)
{
    struct arena *memory = &explaining->explanation->memory;
    char ends[sizeof "2026-11-25 18:04 UTC"] = "";
    struct tm utc;

    if (gmtime_r(&permitted->ends, &utc) != NULL)
        strftime(ends, sizeof ends, "%Y-%m-%d %H:%M UTC", &utc);
    add(memory, &entry->reasons, &entry->reason_count, ANSWER_NO, permitted->grant->at,
        arena_format(memory, "permitted until %s, but AWS issues nothing for less than %d s", ends,
                     SHORTEST_LIFE));
}

/* Tells what a session starts with: of keys that are not issued it gets none, and does not open. */
static void take_login_role(struct explaining *explaining)
{
    struct explanation *explanation = explaining->explanation;
    const time_t now = explaining->deciding.login->now;
    const struct permitted_role *start = decision_start_role(&explanation->decision, now);

    if (start != NULL &&
        (!permitted_role_is_ending(start, now) || start->role->settings.deliver == DELIVER_PROCESS))
        explanation->login_role = start->role;
}

/*
 * Takes the verdicts over from the decision. A derived role is shown as the decision has it: by
 * which pattern it is derived first depends on which of them hold.
 */
static void take_verdicts(struct explaining *explaining)
{
    struct explanation *explanation = explaining->explanation;
    size_t i;

    for (i = 0; i < explanation->decision.role_count; i++) {
        const struct permitted_role *permitted = &explanation->decision.roles[i];
        struct explained_role *entry = entry_of(explaining, permitted->role);

        if (entry == NULL)
            return;
        entry->permitted = !permitted_role_is_ending(permitted, explaining->deciding.login->now);
        entry->role = permitted->role;
        if (!entry->permitted)
            tell_ending(explaining, entry, permitted);
    }
    take_login_role(explaining);
}

/* Tells of each role that no rule is about. */
static void finish(struct explanation *explanation)
{
    size_t i;

    for (i = 0; i < explanation->role_count; i++) {
        struct explained_role *role = &explanation->roles[i];

        if (role->reason_count == 0)
            add(&explanation->memory, &role->reasons, &role->reason_count, ANSWER_NO,
                role->role->at,
                arena_format(&explanation->memory, "no grant gives it, and no group of the login"));
    }
    if (explanation->decision.certificate_ended)
        add(&explanation->memory, &explanation->others, &explanation->other_count, ANSWER_NO,
            (struct position){"", 0}, "the login's certificate is valid no more");
}

/* Fills the explanation but for the decision. */
static void explain_roles(struct explaining *explaining)
{
    struct explanation *explanation = explaining->explanation;
    const struct policy *policy = explaining->deciding.policy;
    size_t i;

    for (i = 0; i < policy->role_count; i++) {
        struct explained_role *roles =
            arena_grow(&explanation->memory, explanation->roles, i, sizeof *roles);

        if (roles == NULL)
            return;
        explanation->roles = roles;
        roles[i].role = &policy->roles[i];
        explanation->role_count = i + 1;
    }
    tell_grants(explaining);
    tell_patterns(explaining);
    tell_denies(explaining);
    take_verdicts(explaining);
    finish(explanation);
}

int explain(const struct policy *policy, const struct login *login, const char *chosen,
            struct explanation *explanation)
{
    struct explaining explaining = {.explanation = explanation,
                                    .derived = {.memory = &explanation->memory}};
    int error;

    *explanation = (struct explanation){.roles = NULL};
    error = decide(policy, login, chosen, &explanation->decision);
    if (deciding_begin(&explaining.deciding, policy, login) != 0)
        error = ENOMEM;
    if (error == 0)
        explain_roles(&explaining);
    if (explanation->memory.exhausted || explaining.deciding.scratch.exhausted)
        error = ENOMEM;
    if (error != 0)
        explanation_free(explanation);
    derived_roles_end(&explaining.derived);
    index_free(&explaining.places);
    deciding_end(&explaining.deciding);
    return error;
}

void explanation_free(struct explanation *explanation)
{
    if (explanation == NULL)
        return;
    decision_free(&explanation->decision);
    arena_free(&explanation->memory);
    *explanation = (struct explanation){.decision = {.status = STATUS_UNAVAILABLE}};
}
