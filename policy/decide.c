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
    bool *permitted;        /* one for each role: the decision has it */
};

/* Frees what deciding_begin took. */
static void deciding_end(struct deciding *deciding)
{
    free(deciding->roles);
    free(deciding->accounts);
    free(deciding->permitted);
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
        .permitted = calloc(policy->role_count + 1, sizeof(bool)),
    };
    if (deciding->roles == NULL || deciding->accounts == NULL || deciding->permitted == NULL)
        return ENOMEM;
    return 0;
}

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

/* Whether a rule names the login itself, whatever groups it is in. */
static bool names_login(const struct subjects *who, const struct login *login)
{
    size_t i;

    for (i = 0; i < who->users.count; i++)
        if (same(who->users.items[i], login->user) || same(who->users.items[i], login->human))
            return true;
    return false;
}

/* Whether a rule is about the login; UNKNOWN when only an unanswered group could make it so. */
static enum answer is_about(const struct subjects *who, const struct login *login)
{
    enum answer answer = ANSWER_NO;
    size_t i;

    if (names_login(who, login))
        return ANSWER_YES;
    for (i = 0; i < who->group_count; i++) {
        enum answer member =
            login->in_group != NULL ? login->in_group[who->groups[i]] : ANSWER_UNKNOWN;

        if (member == ANSWER_YES)
            return ANSWER_YES;
        if (member == ANSWER_UNKNOWN)
            answer = ANSWER_UNKNOWN;
    }
    return answer;
}

/* The first group of a rule whose look-up was not answered. */
static const char *first_unanswered(const struct deciding *deciding, const struct subjects *who)
{
    const enum answer *in_group = deciding->login->in_group;
    size_t i;

    for (i = 0; i < who->group_count; i++)
        if (in_group == NULL || in_group[who->groups[i]] == ANSWER_UNKNOWN)
            return deciding->policy->groups.items[who->groups[i]];
    return NULL;
}

/*
 * Whether a deny is about the login. It also counts when it names what was typed and NSS made
 * another name of that: a grant must not be had by an alias, and a deny must not be escaped by one.
 */
static enum answer is_denied_by(const struct deny *deny, const struct login *login)
{
    size_t i;

    for (i = 0; i < deny->who.users.count; i++)
        if (same(deny->who.users.items[i], login->typed))
            return ANSWER_YES;
    return is_about(&deny->who, login);
}

/* Whether the service is among those of a grant. */
static bool holds_for_service(const struct grant *grant, const char *service)
{
    /* One program, two names: the second is what it calls itself for a login shell. */
    static const char *const with_login_shell[][2] = {{"sudo", "sudo-i"}, {"su", "su-l"}};
    size_t i, j;

    if (grant->services.count == 0)
        return same(service, "sshd");
    for (i = 0; i < grant->services.count; i++) {
        if (same(grant->services.items[i], service))
            return true;
        for (j = 0; j < sizeof with_login_shell / sizeof *with_login_shell; j++)
            if (same(grant->services.items[i], with_login_shell[j][0]) &&
                same(service, with_login_shell[j][1]))
                return true;
    }
    return false;
}

/* Whether a grant applies. */
static enum answer applies(const struct grant *grant, const struct login *login)
{
    return holds_for_service(grant, login->service) ? is_about(&grant->who, login) : ANSWER_NO;
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
        enum answer answer = is_denied_by(deny, deciding->login);

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
    const struct grant *uncertain; /* that might apply */
};

/* Adds one role of a grant that applies. */
static void permit(struct deciding *deciding, const struct grant *grant, const struct role *role,
                   struct outcome *outcome, struct decision *decision)
{
    struct taken taken = taken_from(deciding, role);
    bool *permitted = &deciding->permitted[role - deciding->policy->roles];

    if (taken.surely != NULL) {
        if (outcome->denied_by == NULL)
            outcome->denied_by = taken.surely;
        return;
    }
    if (outcome->threat == NULL)
        outcome->threat = taken.maybe;
    if (*permitted)
        return;
    *permitted = true;
    decision->roles[decision->role_count++] = (struct permitted_role){role, grant};
}

/* Goes through the grants in their order. decision->roles has room for every role. */
static void note_grants(struct deciding *deciding, struct outcome *outcome,
                        struct decision *decision)
{
    const struct policy *policy = deciding->policy;
    size_t i, j;

    for (i = 0; i < policy->grant_count; i++) {
        const struct grant *grant = &policy->grants[i];
        enum answer answer = applies(grant, deciding->login);

        if (answer == ANSWER_YES && outcome->first == NULL)
            outcome->first = grant;
        if (answer == ANSWER_UNKNOWN && outcome->uncertain == NULL)
            outcome->uncertain = grant;
        for (j = 0; answer != ANSWER_NO && j < grant->role_count; j++)
            if (answer == ANSWER_YES)
                permit(deciding, grant, grant->roles[j], outcome, decision);
            else if (outcome->hope == NULL && taken_from(deciding, grant->roles[j]).surely == NULL)
                outcome->hope = grant;
    }
}

static void set_unavailable(const struct deciding *deciding, const struct subjects *who,
                            struct decision *decision)
{
    decision->status = STATUS_UNAVAILABLE;
    decision->unanswered_group = first_unanswered(deciding, who);
}

/* Whether the role is in the decision's list; that entry then. */
static const struct permitted_role *find_permitted(const struct decision *decision,
                                                   const struct role *role)
{
    size_t i;

    for (i = 0; i < decision->role_count; i++)
        if (decision->roles[i].role == role)
            return &decision->roles[i];
    return NULL;
}

/* Which of the permitted roles the login starts with, and the grant that it owes that to. */
static void choose_login_role(const struct deciding *deciding, const char *chosen,
                              struct decision *decision)
{
    const struct policy *policy = deciding->policy;
    const struct permitted_role *choice = NULL;
    const struct role *role = chosen != NULL ? policy_find_role(policy, chosen) : NULL;
    size_t i;

    if (role != NULL)
        choice = find_permitted(decision, role);
    for (i = 0; choice == NULL && i < policy->grant_count; i++) {
        const struct grant *grant = &policy->grants[i];

        if (grant->default_role != NULL &&
            deciding->permitted[grant->default_role - policy->roles] &&
            applies(grant, deciding->login) == ANSWER_YES) {
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
    /* All roles that grants give are gone for sure, and no answer could bring another. */
    bool surely_denied = !stands && outcome->first != NULL && outcome->hope == NULL;
    const struct deny *threat = everything->maybe != NULL ? everything->maybe : outcome->threat;

    decision->because = outcome->first;
    if (everything->surely != NULL || surely_denied) {
        decision->status = STATUS_DENIED;
        decision->denied_by = everything->surely != NULL ? everything->surely : outcome->denied_by;
    } else if (threat != NULL) {
        set_unavailable(deciding, &threat->who, decision);
        decision->denied_by = threat;
    } else if (stands) {
        decision->status = STATUS_PERMITTED;
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
    struct outcome outcome = {NULL, NULL, NULL, NULL, NULL};
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

/* Notes which roles some answer could give the login, and the accounts that they are in. */
static void note_reach(const struct deciding *deciding, bool *accounts)
{
    const struct policy *policy = deciding->policy;
    size_t i, j;

    for (i = 0; i < policy->grant_count; i++) {
        const struct grant *grant = &policy->grants[i];

        if (!holds_for_service(grant, deciding->login->service) ||
            (grant->who.group_count == 0 && !names_login(&grant->who, deciding->login)))
            continue;
        for (j = 0; j < grant->role_count; j++) {
            const struct role *role = grant->roles[j];

            if (taken_from(deciding, role).surely == NULL) {
                deciding->permitted[role - policy->roles] = true;
                accounts[role->account - policy->accounts] = true;
            }
        }
    }
}

/* Whether a deny could take away anything that is within reach. */
static bool bites(const struct deciding *deciding, const struct deny *deny, const bool *accounts)
{
    size_t i;

    for (i = 0; i < deny->role_count; i++)
        if (deciding->permitted[deny->roles[i] - deciding->policy->roles])
            return true;
    for (i = 0; i < deny->account_count; i++)
        if (accounts[deny->accounts[i] - deciding->policy->accounts])
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
static void mark_groups(const struct deciding *deciding, const bool *accounts, bool *matters)
{
    const struct policy *policy = deciding->policy;
    const struct login *login = deciding->login;
    size_t i;

    for (i = 0; i < policy->deny_count; i++)
        if (!names_login(&policy->denies[i].who, login) &&
            bites(deciding, &policy->denies[i], accounts))
            mark(&policy->denies[i].who, matters);
    for (i = 0; i < policy->grant_count; i++)
        if (holds_for_service(&policy->grants[i], login->service) &&
            !names_login(&policy->grants[i].who, login))
            mark(&policy->grants[i].who, matters);
}

size_t decide_groups_that_matter(const struct policy *policy, const struct login *login,
                                 bool *matters)
{
    struct taken everything = {NULL, NULL};
    struct deciding deciding;
    size_t count = 0, i;
    bool *accounts = calloc(policy->account_count + 1, sizeof *accounts);
    enum answer *nowhere = calloc(policy->groups.count + 1, sizeof *nowhere);
    struct login alone = *login;

    memset(matters, 0, policy->groups.count * sizeof *matters);
    alone.in_group = nowhere;
    if (deciding_begin(&deciding, policy, &alone) != 0 || accounts == NULL || nowhere == NULL) {
        /* Without memory to tell them apart, all may matter. */
        for (i = 0; i < policy->groups.count; i++)
            matters[i] = true;
    } else {
        note_denies(&deciding, &everything);
        if (everything.surely == NULL) {
            note_reach(&deciding, accounts);
            mark_groups(&deciding, accounts, matters);
        }
    }
    for (i = 0; i < policy->groups.count; i++)
        count += matters[i];
    free(accounts);
    free(nowhere);
    deciding_end(&deciding);
    return count;
}
