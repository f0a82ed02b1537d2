/*
 * Deciding in the sense of possible worlds: an unanswered look-up may turn out either way, and what
 * is said must not be better for the login than the worst of them. Only where an answer could do no
 * more than add roles does the login go on without it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/decide.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/conditions.h"
#include "policy/match.h"

/* The first denies, of a role by its own name or of an account, that do or might take it away. */
struct taken {
    const struct deny *surely;
    const struct deny *maybe;
};

/* What is worked out on the way. */
struct deciding {
    const struct policy *policy;
    const struct login *login;
    struct taken *roles;    /* one for each of the policy's roles */
    struct taken *accounts; /* one for each of its accounts */
    size_t *permitted;      /* one for each role: its place in the decision's list, from 1, or 0 */
    struct conditions conditions;
};

/* Frees what deciding_begin took. */
static void deciding_end(struct deciding *deciding)
{
    free(deciding->roles);
    free(deciding->accounts);
    free(deciding->permitted);
    conditions_end(&deciding->conditions);
}

/* Returns 0, or ENOMEM; deciding_end is due in either case. */
static int deciding_begin(struct deciding *deciding, const struct policy *policy,
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
    if (conditions_begin(&deciding->conditions, policy, login) != 0 || deciding->roles == NULL ||
        deciding->accounts == NULL || deciding->permitted == NULL)
        return ENOMEM;
    return 0;
}

static bool is_narrowed(const struct deny *deny)
{
    return deny->account_count > 0 || deny->role_count > 0;
}

/* Notes that a deny takes something away, or might. */
static void take(struct taken *taken, const struct deny *deny, enum answer answer)
{
    const struct deny **first = answer == ANSWER_YES ? &taken->surely : &taken->maybe;

    if (*first == NULL)
        *first = deny;
}

/* What the denies take away from the role, by its own name or its account's; the first of each. */
static struct taken taken_from(const struct deciding *deciding, const struct role *role)
{
    struct taken by_name = deciding->roles[role - deciding->policy->roles];
    struct taken by_account = deciding->accounts[role->account - deciding->policy->accounts];

    if (by_name.surely == NULL)
        by_name.surely = by_account.surely;
    if (by_name.maybe == NULL)
        by_name.maybe = by_account.maybe;
    return by_name;
}

/*
 * Notes what each deny takes away. The first that takes everything away goes to *everything, in its
 * member for sure or for maybe.
 */
static void note_denies(struct deciding *deciding, struct taken *everything)
{
    const struct policy *policy = deciding->policy;
    size_t i, j;

    for (i = 0; i < policy->deny_count; i++) {
        const struct deny *deny = &policy->denies[i];
        enum answer answer = match_deny(deny, deciding->login);

        if (answer == ANSWER_NO)
            continue;
        if (!is_narrowed(deny))
            take(everything, deny, answer);
        for (j = 0; j < deny->role_count; j++)
            take(&deciding->roles[deny->roles[j] - policy->roles], deny, answer);
        for (j = 0; j < deny->account_count; j++)
            take(&deciding->accounts[deny->accounts[j] - policy->accounts], deny, answer);
    }
}

/* What the grants come to. */
struct outcome {
    const struct grant *first;     /* that applies */
    const struct deny *denied_by;  /* that took the first role away which a grant gives */
    const struct deny *threat;     /* that might take away a role which stands */
    const struct grant *hope;      /* that might give a role which no deny surely takes away */
    const struct grant *uncertain; /* that might be for the login */
    const struct grant *unmet; /* that is, and a condition is not met; rather one that goes on */
    enum unmet why;            /* which condition */
};

/* Adds one role of a grant that applies, until `ends`. */
static void permit(struct deciding *deciding, const struct grant *grant, const struct role *role,
                   time_t ends, struct outcome *outcome, struct decision *decision)
{
    struct taken taken = taken_from(deciding, role);
    size_t *place = &deciding->permitted[role - deciding->policy->roles];
    struct permitted_role *permitted;

    if (taken.surely != NULL) {
        if (outcome->denied_by == NULL)
            outcome->denied_by = taken.surely;
        return;
    }
    if (outcome->threat == NULL)
        outcome->threat = taken.maybe;
    if (*place == 0) {
        *place = ++decision->role_count;
        decision->roles[*place - 1] = (struct permitted_role){role, grant, ends, grant->detach};
        return;
    }
    permitted = &decision->roles[*place - 1];
    if (ends == 0 || (permitted->ends != 0 && ends > permitted->ends))
        permitted->ends = ends;
    if (grant->detach > permitted->detach)
        permitted->detach = grant->detach;
}

/* Notes a grant that is for the login and does not hold. */
static void note_unmet(struct outcome *outcome, const struct grant *grant, enum unmet why)
{
    if (outcome->unmet != NULL && (outcome->why != UNMET_ENDED || why == UNMET_ENDED))
        return;
    outcome->unmet = grant;
    outcome->why = why;
}

/* Goes through the grants in their order. decision->roles has room for every role. */
static void note_grants(struct deciding *deciding, struct outcome *outcome,
                        struct decision *decision)
{
    const struct policy *policy = deciding->policy;
    size_t i, j;

    for (i = 0; i < policy->grant_count; i++) {
        const struct grant *grant = &policy->grants[i];
        enum answer answer = match_grant(grant, deciding->login);
        enum unmet why;
        time_t ends = 0;

        if (answer == ANSWER_NO)
            continue;
        if (answer == ANSWER_UNKNOWN && outcome->uncertain == NULL)
            outcome->uncertain = grant;
        why = conditions_unmet(&deciding->conditions, grant);
        if (why != UNMET_NONE) {
            if (answer == ANSWER_YES)
                note_unmet(outcome, grant, why);
            continue;
        }
        if (answer == ANSWER_YES) {
            ends = conditions_met_until(&deciding->conditions, grant);
            if (outcome->first == NULL)
                outcome->first = grant;
        }
        for (j = 0; j < grant->role_count; j++)
            if (answer == ANSWER_YES)
                permit(deciding, grant, grant->roles[j], ends, outcome, decision);
            else if (outcome->hope == NULL && taken_from(deciding, grant->roles[j]).surely == NULL)
                outcome->hope = grant;
    }
}

static void set_unavailable(const struct deciding *deciding, const struct subjects *who,
                            struct decision *decision)
{
    decision->status = STATUS_UNAVAILABLE;
    decision->unanswered_group = match_unanswered(deciding->policy, who, deciding->login);
}

/* Which of the permitted roles the login starts with, and the grant that it owes that to. */
static void choose_login_role(struct deciding *deciding, const char *chosen,
                              struct decision *decision)
{
    const struct policy *policy = deciding->policy;
    const struct permitted_role *choice = NULL;
    const struct role *role = chosen != NULL ? policy_find_role(policy, chosen) : NULL;
    size_t i;

    if (role != NULL && deciding->permitted[role - policy->roles] != 0)
        choice = &decision->roles[deciding->permitted[role - policy->roles] - 1];
    for (i = 0; choice == NULL && i < policy->grant_count; i++) {
        const struct grant *grant = &policy->grants[i];

        if (grant->default_role != NULL &&
            deciding->permitted[grant->default_role - policy->roles] != 0 &&
            match_grant(grant, deciding->login) == ANSWER_YES &&
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

/*
 * Weighs what was noted. The order is that of how bad an answer is: what every world agrees on
 * stands; where a world that an unanswered look-up leaves open is worse, the login is unavailable.
 */
static void weigh(const struct deciding *deciding, const struct taken *everything,
                  const struct outcome *outcome, struct decision *decision)
{
    bool stands = decision->role_count > 0;
    const char *unreadable_zone = deciding->conditions.unreadable_zone;
    /*
     * Some grant is for the login; all roles that grants give are gone for sure, or the grants do
     * not hold now; and no answer could bring another.
     */
    bool surely_denied = !stands && outcome->hope == NULL && unreadable_zone == NULL &&
                         (outcome->first != NULL || outcome->unmet != NULL);
    const struct deny *threat = everything->maybe != NULL ? everything->maybe : outcome->threat;

    decision->because = outcome->first;
    if (everything->surely != NULL || surely_denied) {
        decision->status = STATUS_DENIED;
        decision->denied_by = everything->surely != NULL ? everything->surely : outcome->denied_by;
        if (decision->denied_by == NULL) {
            decision->unmet = outcome->why;
            decision->unmet_grant = outcome->unmet;
        }
    } else if (threat != NULL) {
        set_unavailable(deciding, &threat->who, decision);
        decision->denied_by = threat;
    } else if (stands) {
        decision->status = STATUS_PERMITTED;
    } else if (unreadable_zone != NULL) {
        decision->status = STATUS_UNAVAILABLE;
        decision->unreadable_zone = unreadable_zone;
    } else if (outcome->hope != NULL) {
        set_unavailable(deciding, &outcome->hope->who, decision);
    } else if (outcome->uncertain != NULL) {
        /* It could only turn "no grant" into "denied", but that is worse for the login. */
        set_unavailable(deciding, &outcome->uncertain->who, decision);
    } else {
        decision->status = STATUS_NO_GRANT;
    }
}

int decide(const struct policy *policy, const struct login *login, const char *chosen,
           struct decision *decision)
{
    struct taken everything = {NULL, NULL};
    struct outcome outcome = {.why = UNMET_NONE};
    struct deciding deciding;
    int error;

    *decision = (struct decision){.status = STATUS_UNAVAILABLE};
    error = deciding_begin(&deciding, policy, login);
    if (error != 0)
        goto done;
    decision->roles = calloc(policy->role_count + 1, sizeof *decision->roles);
    if (decision->roles == NULL) {
        error = ENOMEM;
        goto done;
    }
    note_denies(&deciding, &everything);
    note_grants(&deciding, &outcome, decision);
    weigh(&deciding, &everything, &outcome, decision);
    if (decision->status == STATUS_PERMITTED)
        choose_login_role(&deciding, chosen, decision);
    else
        decision->role_count = 0;

done:
    if (error != 0)
        decision_free(decision);
    deciding_end(&deciding);
    return error;
}

void decision_free(struct decision *decision)
{
    if (decision == NULL)
        return;
    free(decision->roles);
    /* The status that is all zero is "permitted". */
    *decision = (struct decision){.status = STATUS_UNAVAILABLE};
}

/* What some answer could give the login. */
struct reach {
    bool *roles;    /* one for each of the policy's roles */
    bool *accounts; /* one for each of its accounts: one of these roles is in it */
};

/* Notes which roles some answer could give the login now. */
static void note_reach(struct deciding *deciding, struct reach *reach)
{
    const struct policy *policy = deciding->policy;
    size_t i, j;

    for (i = 0; i < policy->grant_count; i++) {
        const struct grant *grant = &policy->grants[i];

        if (!match_service(grant, deciding->login->service) ||
            (grant->who.group_count == 0 && !match_name(&grant->who, deciding->login)) ||
            conditions_unmet(&deciding->conditions, grant) != UNMET_NONE)
            continue;
        for (j = 0; j < grant->role_count; j++) {
            const struct role *role = grant->roles[j];

            if (taken_from(deciding, role).surely == NULL) {
                reach->roles[role - policy->roles] = true;
                reach->accounts[role->account - policy->accounts] = true;
            }
        }
    }
}

/* Whether a deny could take away anything that is within reach. */
static bool bites(const struct policy *policy, const struct deny *deny, const struct reach *reach)
{
    size_t i;

    for (i = 0; i < deny->role_count; i++)
        if (reach->roles[deny->roles[i] - policy->roles])
            return true;
    for (i = 0; i < deny->account_count; i++)
        if (reach->accounts[deny->accounts[i] - policy->accounts])
            return true;
    return !is_narrowed(deny);
}

static void mark(const struct subjects *who, bool *matters)
{
    size_t i;

    for (i = 0; i < who->group_count; i++)
        matters[who->groups[i]] = true;
}

/* Marks the groups of every rule that is not about the login already and could change something. */
static void mark_groups(struct deciding *deciding, const struct reach *reach, bool *matters)
{
    const struct policy *policy = deciding->policy;
    const struct login *login = deciding->login;
    bool named = false;
    size_t i;

    for (i = 0; i < policy->deny_count; i++)
        if (!match_name(&policy->denies[i].who, login) && bites(policy, &policy->denies[i], reach))
            mark(&policy->denies[i].who, matters);
    for (i = 0; i < policy->grant_count && !named; i++)
        named = match_grant(&policy->grants[i], login) == ANSWER_YES;
    /*
     * A grant that does not hold now gives nothing, whoever is in its groups. It can only turn "no
     * grant" into "denied", and there is no "no grant" where another names the login itself.
     */
    for (i = 0; i < policy->grant_count; i++)
        if (match_service(&policy->grants[i], login->service) &&
            !match_name(&policy->grants[i].who, login) && policy->grants[i].who.group_count > 0 &&
            (!named || conditions_unmet(&deciding->conditions, &policy->grants[i]) == UNMET_NONE))
            mark(&policy->grants[i].who, matters);
}

size_t decide_groups_that_matter(const struct policy *policy, const struct login *login,
                                 bool *matters)
{
    struct taken everything = {NULL, NULL};
    struct deciding deciding;
    size_t count = 0, i;
    struct reach reach = {
        .roles = calloc(policy->role_count + 1, sizeof(bool)),
        .accounts = calloc(policy->account_count + 1, sizeof(bool)),
    };
    enum answer *nowhere = calloc(policy->groups.count + 1, sizeof *nowhere);
    struct login alone = *login;

    memset(matters, 0, policy->groups.count * sizeof *matters);
    alone.in_group = nowhere;
    if (deciding_begin(&deciding, policy, &alone) != 0 || reach.roles == NULL ||
        reach.accounts == NULL || nowhere == NULL) {
        /* Without memory to tell them apart, all may matter. */
        for (i = 0; i < policy->groups.count; i++)
            matters[i] = true;
    } else {
        note_denies(&deciding, &everything);
        if (everything.surely == NULL) {
            note_reach(&deciding, &reach);
            mark_groups(&deciding, &reach, matters);
        }
    }
    for (i = 0; i < policy->groups.count; i++)
        count += matters[i];
    free(reach.roles);
    free(reach.accounts);
    free(nowhere);
    deciding_end(&deciding);
    return count;
}
