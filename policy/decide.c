/*
 * Deciding in the sense of possible worlds: an unanswered look-up may turn out either way, and so
 * may what only PAM's session phase will show; what is said must not be better for the login than
 * the worst of them. Only where an answer could do no more than add roles does the login go on
 * without it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/decide.h"

#include <errno.h>
#include <stdlib.h>

#include "policy/deciding.h"

/* A rule that might be for the login, and the group whose look-up would tell; "" for all groups. */
struct maybe {
    const struct grant *rule;
    const char *group;
};

/* What the grants and patterns come to. The first of each kind counts. */
struct outcome {
    const struct grant *first;     /* that applies */
    const struct deny *denied_by;  /* that took the first role away which a rule gives */
    struct taken threat;           /* that might take away a role which stands */
    struct maybe hope;             /* that might give a role which no deny surely takes away */
    struct maybe uncertain;        /* that might be for the login */
    const struct grant *open_hope; /* the same two, where what the session will show might do it */
    const struct grant *open_uncertain;
    const struct grant *unmet;     /* that is, and a time is not met; rather one that goes on */
    enum unmet why;                /* which condition */
    const struct grant *elsewhere; /* that names the login, and is not for such logins */
    enum unmet elsewhere_why;
};

/* One decision on its way. */
struct making {
    struct deciding deciding;
    struct outcome outcome;
    struct decision *decision;
    struct derived_roles derived;  /* of rules that apply; in the decision's memory */
    struct derived_roles imagined; /* of others; in scratch memory */
};

/* Where the place of a role in the decision's list is kept, from 1, or 0; NULL without memory. */
static size_t *place_of(struct deciding *deciding, const struct role *role)
{
    struct derived_place *place;

    if (deciding_is_configured(deciding, role))
        return &deciding->permitted[role - deciding->policy->roles];
    place = index_find(&deciding->derived_places, role->name);
    if (place != NULL)
        return &place->place;
    place = arena_alloc(&deciding->scratch, 1, sizeof *place);
    if (place == NULL)
        return NULL;
    place->name = role->name;
    if (index_add(&deciding->derived_places, place) == NULL) {
        deciding->scratch.exhausted = true;
        return NULL;
    }
    return &place->place;
}

/* The new last entry of the decision's list, or NULL without memory. */
static struct permitted_role *append(struct making *making)
{
    struct decision *decision = making->decision;
    size_t count = decision->role_count;
    struct permitted_role *roles = decision->roles;

    /* The room is always the next power of two. */
    if (count == 0 || (count & (count - 1)) == 0)
        roles = reallocarray(roles, count > 0 ? 2 * count : 1, sizeof *roles);
    if (roles == NULL) {
        making->deciding.scratch.exhausted = true;
        return NULL;
    }
    decision->roles = roles;
    decision->role_count++;
    return &roles[count];
}

/* Adds one role of a rule that applies, until `ends`. */
static void permit(struct making *making, const struct grant *rule, const struct given *given,
                   time_t ends)
{
    struct outcome *outcome = &making->outcome;
    struct taken taken = deciding_taken_from(&making->deciding, given->role);
    struct permitted_role *permitted;
    size_t *place;

    if (taken.surely != NULL) {
        if (outcome->denied_by == NULL)
            outcome->denied_by = taken.surely;
        return;
    }
    if (outcome->threat.maybe == NULL)
        outcome->threat.maybe = taken.maybe;
    if (outcome->threat.open == NULL)
        outcome->threat.open = taken.open;
    place = place_of(&making->deciding, given->role);
    if (place == NULL)
        return;
    if (*place == 0) {
        permitted = append(making);
        if (permitted == NULL)
            return;
        *place = making->decision->role_count;
        *permitted = (struct permitted_role){.role = given->role,
                                             .grant = rule,
                                             .group = given->group,
                                             .ends = ends,
                                             .detach = rule->detach};
        return;
    }
    permitted = &making->decision->roles[*place - 1];
    if (ends == 0 || (permitted->ends != 0 && ends > permitted->ends))
        permitted->ends = ends;
    if (rule->detach > permitted->detach)
        permitted->detach = rule->detach;
}

/* Notes a rule that is for the login and does not hold. */
static void note_unmet(struct outcome *outcome, const struct grant *rule, enum unmet why)
{
    if (outcome->unmet != NULL && (outcome->why != UNMET_ENDED || why == UNMET_ENDED))
        return;
    outcome->unmet = rule;
    outcome->why = why;
}

static void note_maybe(struct maybe *maybe, const struct grant **open, const struct grant *rule,
                       const struct match *match, bool is_open)
{
    if (is_open && *open == NULL)
        *open = rule;
    else if (!is_open && maybe->rule == NULL)
        *maybe = (struct maybe){rule, match->name};
}

/* Notes a rule that might be for the login and would hold. */
static void note_hope(struct making *making, const struct grant *rule, const struct match *match,
                      bool is_open, const struct given *given, size_t count)
{
    const struct deciding *deciding = &making->deciding;
    struct outcome *outcome = &making->outcome;
    bool any = false;
    size_t i;

    for (i = 0; i < count && !any; i++)
        any = deciding_taken_from(deciding, given[i].role).surely == NULL;
    /* Of a pattern whose groups are not known it is not known either what it could give. */
    for (i = 0; count == 0 && i < deciding->policy->account_count && !any; i++)
        any = deciding->accounts[i].surely == NULL;
    if (any)
        note_maybe(&outcome->hope, &outcome->open_hope, rule, match, is_open);
}

/* Notes a rule that names the login or might, as `match` says, and what it gives. */
static void note_rule(struct making *making, const struct grant *rule, const struct match *match,
                      const struct given *given, size_t count)
{
    struct conditions *conditions = &making->deciding.conditions;
    struct outcome *outcome = &making->outcome;
    enum unmet why = UNMET_NONE;
    enum answer applies = conditions_apply(conditions, rule, &why);
    bool is_open = match->open || applies == ANSWER_UNKNOWN;
    bool surely = match->answer == ANSWER_YES && applies == ANSWER_YES;
    time_t ends;
    size_t i;

    if (applies == ANSWER_NO) {
        if (match->answer == ANSWER_YES && why != UNMET_NONE && outcome->elsewhere == NULL) {
            outcome->elsewhere = rule;
            outcome->elsewhere_why = why;
        }
        return;
    }
    if (!surely)
        note_maybe(&outcome->uncertain, &outcome->open_uncertain, rule, match, is_open);
    why = conditions_unmet(conditions, rule);
    if (why != UNMET_NONE && surely)
        note_unmet(outcome, rule, why);
    if (why != UNMET_NONE)
        return;
    if (!surely) {
        note_hope(making, rule, match, is_open, given, count);
        return;
    }
    if (outcome->first == NULL)
        outcome->first = rule;
    ends = conditions_met_until(conditions, rule);
    for (i = 0; i < count; i++)
        permit(making, rule, &given[i], ends);
}

/* Goes through the grants in their order. */
static void note_grants(struct making *making)
{
    const struct policy *policy = making->deciding.policy;
    const struct rule_set *set = &making->deciding.grants;
    size_t i, j;

    for (i = rule_set_next(set, 0); i < set->count; i = rule_set_next(set, i + 1)) {
        const struct grant *grant = &policy->grants[i];
        struct match match = match_grant(policy, grant, making->deciding.login);
        struct given *given;

        if (match.answer == ANSWER_NO)
            continue;
        given = arena_alloc(&making->deciding.scratch, grant->role_count, sizeof *given);
        if (given == NULL)
            return;
        for (j = 0; j < grant->role_count; j++)
            given[j].role = grant->roles[j];
        note_rule(making, grant, &match, given, grant->role_count);
    }
}

/* Goes through the patterns in their order. */
static void note_patterns(struct making *making)
{
    struct deciding *deciding = &making->deciding;
    const struct policy *policy = deciding->policy;
    size_t i;

    for (i = 0; i < policy->pattern_count; i++) {
        const struct grant *rule = &policy->patterns[i].rule;
        struct match match = {ANSWER_YES, "groups", NULL, false};
        struct derived_roles *derived = &making->imagined;
        struct given *given = NULL;
        size_t count = 0;

        if (deciding->login->groups_unknown) {
            match = (struct match){ANSWER_UNKNOWN, "groups", "", false};
        } else {
            /* What does not apply must not lend its settings to a role of what does. */
            if (conditions_apply(&deciding->conditions, rule, NULL) == ANSWER_YES &&
                conditions_unmet(&deciding->conditions, rule) == UNMET_NONE)
                derived = &making->derived;
            count = deciding_derive(deciding, &policy->patterns[i], derived, &deciding->scratch,
                                    &given);
            if (count == 0)
                continue;
        }
        note_rule(making, rule, &match, given, count);
    }
}

/* Which of the permitted roles the login starts with, and the rule that it owes that to. */
static void choose_login_role(struct making *making, const char *chosen)
{
    struct deciding *deciding = &making->deciding;
    struct decision *decision = making->decision;
    const struct policy *policy = deciding->policy;
    const struct rule_set *set = &deciding->grants;
    const struct permitted_role *choice =
        chosen != NULL ? decision_find_role(decision, chosen) : NULL;
    size_t i;

    for (i = rule_set_next(set, 0); choice == NULL && i < set->count;
         i = rule_set_next(set, i + 1)) {
        const struct grant *grant = &policy->grants[i];

        if (grant->default_role != NULL &&
            deciding->permitted[grant->default_role - policy->roles] != 0 &&
            match_grant(policy, grant, deciding->login).answer == ANSWER_YES &&
            conditions_apply(&deciding->conditions, grant, NULL) == ANSWER_YES &&
            conditions_unmet(&deciding->conditions, grant) == UNMET_NONE) {
            decision->login_role = grant->default_role;
            decision->because = grant;
            return;
        }
    }
    if (choice == NULL && decision->role_count == 1)
        choice = &decision->roles[0];
    if (choice != NULL) {
        decision->login_role = choice->role;
        decision->because = choice->grant;
    }
}

static void set_denied(const struct making *making, struct decision *decision)
{
    const struct outcome *outcome = &making->outcome;

    decision->status = STATUS_DENIED;
    decision->denied_by = making->deciding.everything.surely;
    if (decision->denied_by == NULL)
        decision->denied_by = outcome->denied_by;
    if (decision->denied_by == NULL) {
        decision->unmet = outcome->why;
        decision->unmet_grant = outcome->unmet;
    }
}

/* What might be taken away is not known: for a look-up, or for what the session will show. */
static bool set_threatened(const struct making *making, struct decision *decision)
{
    const struct deciding *deciding = &making->deciding;
    const struct taken *everything = &deciding->everything;
    const struct taken *threat = &making->outcome.threat;

    decision->denied_by = everything->maybe != NULL ? everything->maybe : threat->maybe;
    if (decision->denied_by != NULL) {
        decision->unanswered_group =
            match_deny(deciding->policy, decision->denied_by, deciding->login).name;
        return true;
    }
    decision->denied_by = everything->open != NULL ? everything->open : threat->open;
    decision->undecided = decision->denied_by != NULL;
    return decision->undecided;
}

/* No role stands: whether one might, or some rule might be for the login, which is worse for it. */
static void set_empty(const struct making *making, struct decision *decision)
{
    const struct outcome *outcome = &making->outcome;
    const char *unreadable_zone = making->deciding.conditions.unreadable_zone;
    const struct maybe *maybe = outcome->hope.rule != NULL ? &outcome->hope : &outcome->uncertain;

    if (outcome->open_hope != NULL) {
        decision->undecided = true;
    } else if (unreadable_zone != NULL) {
        decision->unreadable_zone = unreadable_zone;
    } else if (maybe->rule != NULL) {
        decision->unanswered_group = maybe->group;
    } else if (outcome->open_uncertain != NULL) {
        decision->undecided = true;
    } else {
        decision->status = STATUS_NO_GRANT;
        decision->unmet = outcome->elsewhere_why;
        decision->unmet_grant = outcome->elsewhere;
    }
}

/*
 * Weighs what was noted. The order is that of how bad an answer is: what every world agrees on
 * stands; where a world that is left open is worse, the login is unavailable.
 */
static void weigh(const struct making *making, struct decision *decision)
{
    const struct outcome *outcome = &making->outcome;
    bool stands = decision->role_count > 0;
    /*
     * Some rule is for the login; all roles that rules give are gone for sure, or the rules do not
     * hold now; and no answer could bring another.
     */
    bool surely_denied = !stands && outcome->hope.rule == NULL && outcome->open_hope == NULL &&
                         making->deciding.conditions.unreadable_zone == NULL &&
                         (outcome->first != NULL || outcome->unmet != NULL);

    decision->because = outcome->first;
    if (making->deciding.everything.surely != NULL || surely_denied)
        set_denied(making, decision);
    else if (!set_threatened(making, decision)) {
        if (stands)
            decision->status = STATUS_PERMITTED;
        else
            set_empty(making, decision);
    }
}

/* Decides with what deciding_begin has prepared. */
static void make_decision(struct making *making, const char *chosen)
{
    const struct login *login = making->deciding.login;
    struct decision *decision = making->decision;

    if (login->certificate != NULL && login->certificate->ends != 0 &&
        login->now >= login->certificate->ends) {
        decision->status = STATUS_DENIED;
        decision->certificate_ended = true;
        return;
    }
    deciding_note_denies(&making->deciding);
    note_grants(making);
    note_patterns(making);
    weigh(making, decision);
    if (decision->status == STATUS_PERMITTED)
        choose_login_role(making, chosen);
    else
        decision->role_count = 0;
}

int decide(const struct policy *policy, const struct login *login, const char *chosen,
           struct decision *decision)
{
    struct making making = {
        .decision = decision,
        .derived = {.memory = &decision->memory},
        .imagined = {.memory = &making.deciding.scratch},
    };
    int error;

    *decision = (struct decision){.status = STATUS_UNAVAILABLE};
    error = deciding_begin(&making.deciding, policy, login);
    if (error == 0)
        make_decision(&making, chosen);
    if (making.deciding.scratch.exhausted || decision->memory.exhausted)
        error = ENOMEM;
    if (error != 0)
        decision_free(decision);
    derived_roles_end(&making.derived);
    derived_roles_end(&making.imagined);
    deciding_end(&making.deciding);
    return error;
}
