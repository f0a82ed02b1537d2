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

/* Whether this is a name of the login, from wherever. */
static bool is_name_of(const struct login *login, const char *name)
{
    const struct certificate *certificate = login->certificate;
    size_t i;

    if (same(login->user, name) || same(login->human, name) || same(login->typed, name))
        return true;
    if (certificate == NULL)
        return false;
    for (i = 0; i < certificate->principals.count; i++)
        if (same(certificate->principals.items[i], name))
            return true;
    return same(certificate->key_id, name);
}

/* The group that the login is in, or who is behind it: a deny is not escaped by becoming another.
 */
static struct match match_either(const struct policy *policy, const struct subjects *who,
                                 const struct login *login)
{
    struct match match = match_groups(policy, who, login->in_group), behind;

    if (login->opener_in_group == NULL || match.answer == ANSWER_YES)
        return match;
    behind = match_groups(policy, who, login->opener_in_group);
    return behind.answer == ANSWER_NO ? match : behind;
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
    /* A certificate may hold any names beside the one that its CA may use. */
    return with_name(
        key, name, is_open(policy, login) && deny->who.users.count + deny->who.principals.count > 0,
        match_either(policy, &deny->who, login));
}
