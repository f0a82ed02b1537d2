/*
 * The names of a login against those of a rule.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/match.h"

#include <string.h>

/* Whether a certificate of the policy may still show. */
static bool is_open(const struct policy *policy, const struct login *login)
{
    return login->certificate_unknown && policy->ca_count > 0;
}

/* Whether somebody else than the user may turn out to be the human: of whom a login uid is. */
static bool is_human_open(const struct policy *policy, const struct login *login)
{
    return login->opener_unknown && login->certificate == NULL &&
           policy_asks(policy, IDENTITY_LOGINUID);
}

bool match_is_open(const struct policy *policy, const struct login *login)
{
    return is_open(policy, login) || login->opener_unknown;
}

static bool same(const char *a, const char *b)
{
    return a != NULL && strcmp(a, b) == 0;
}

/* The group that the login is in, or might be: the first for sure before the first that is not. */
static struct match match_groups(const struct policy *policy, const struct subjects *who,
                                 const enum answer *in_group)
{
    struct match match = {.answer = ANSWER_NO};
    size_t i;

    for (i = 0; i < who->group_count; i++) {
        enum answer member = in_group != NULL ? in_group[who->groups[i]] : ANSWER_UNKNOWN;

        if (member == ANSWER_NO || (member == ANSWER_UNKNOWN && match.answer == ANSWER_UNKNOWN))
            continue;
        match = (struct match){member, "groups", policy->groups.items[who->groups[i]], false};
        if (member == ANSWER_YES)
            break;
    }
    return match;
}

/* What a rule says whose names are or are not the login's, and whose groups say `match`. */
static struct match with_name(const char *key, const char *name, bool open, struct match match)
{
    if (name != NULL)
        return (struct match){ANSWER_YES, key, name, false};
    if (match.answer != ANSWER_YES && open) {
        match.answer = ANSWER_UNKNOWN;
        match.open = true;
    }
    return match;
}

struct match match_grant(const struct policy *policy, const struct grant *grant,
                         const struct login *login)
{
    const struct subjects *who = &grant->who;
    bool may_show = is_open(policy, login), open = false;
    const char *key = NULL;
    const char *name = NULL;
    size_t i;

    for (i = 0; name == NULL && i < who->users.count; i++)
        if (same(login->user, who->users.items[i])) {
            key = "users";
            name = who->users.items[i];
        } else if (login->certificate == NULL && same(login->human, who->users.items[i])) {
            /* A certificate would give the human another name. */
            open = open || may_show;
            key = "users";
            name = may_show ? NULL : who->users.items[i];
        } else if (is_human_open(policy, login)) {
            open = true;
        }
    for (i = 0; name == NULL && i < who->principals.count; i++)
        if (login->certificate != NULL && same(login->human, who->principals.items[i])) {
            key = "principals";
            name = who->principals.items[i];
        } else if (may_show && policy_may_certify(policy, who->principals.items[i])) {
            open = true;
        }
    return with_name(key, name, open, match_groups(policy, who, login->in_group));
}

bool match_names_caller(const char *service)
{
    static const char *const services[] = {"su", "su-l", "sudo", "sudo-i"};
    size_t i;

    for (i = 0; i < sizeof services / sizeof *services; i++)
        if (same(service, services[i]))
            return true;
    return false;
}

void match_names(const struct login *login, const char *names[LOGIN_NAMES])
{
    names[0] = login->user;
    names[1] = login->human;
    names[2] = login->typed;
    names[3] = login->opener;
    names[4] = match_names_caller(login->service) ? login->ruser : NULL;
    names[5] = login->certificate != NULL ? login->certificate->key_id : NULL;
}

/* Whether this is a name of the login, from wherever. */
static bool is_name_of(const struct login *login, const char *name)
{
    const struct certificate *certificate = login->certificate;
    const char *names[LOGIN_NAMES];
    size_t i;

    match_names(login, names);
    for (i = 0; i < LOGIN_NAMES; i++)
        if (same(names[i], name))
            return true;
    for (i = 0; certificate != NULL && i < certificate->principals.count; i++)
        if (same(certificate->principals.items[i], name))
            return true;
    return false;
}

/* The group that the login is in, or who is behind it, or called for it: a deny is not escaped by
 * becoming another. */
static struct match match_any(const struct policy *policy, const struct subjects *who,
                              const struct login *login)
{
    const enum answer *const others[] = {
        login->opener_in_group,
        match_names_caller(login->service) ? login->caller_in_group : NULL,
    };
    struct match match = match_groups(policy, who, login->in_group), other;
    size_t i;

    for (i = 0; i < sizeof others / sizeof *others && match.answer != ANSWER_YES; i++) {
        if (others[i] == NULL)
            continue;
        other = match_groups(policy, who, others[i]);
        if (other.answer != ANSWER_NO)
            match = other;
    }
    return match;
}

struct match match_deny(const struct policy *policy, const struct deny *deny,
                        const struct login *login)
{
    const struct {
        const char *key;
        const struct texts *names;
    } lists[] = {{"users", &deny->who.users}, {"principals", &deny->who.principals}};
    const char *key = NULL;
    const char *name = NULL;
    size_t i, j;

    for (i = 0; i < sizeof lists / sizeof *lists; i++)
        for (j = 0; name == NULL && j < lists[i].names->count; j++)
            if (is_name_of(login, lists[i].names->items[j])) {
                key = lists[i].key;
                name = lists[i].names->items[j];
            }
    /* A certificate may hold any names beside the one that its CA may use, and who is behind the
     * login any, and groups as well. */
    return with_name(
        key, name,
        login->opener_unknown ||
            (is_open(policy, login) && deny->who.users.count + deny->who.principals.count > 0),
        match_any(policy, &deny->who, login));
}
