/*
 * Looking up groups.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/login_groups.h"

#include <stdio.h>
#include <string.h>

/* One decision's look-ups. */
struct looking {
    struct host *host;
    struct deadline by;
    struct identity *identity;
    struct login *login;
    bool *matters; /* one for each of the policy's groups */
    char *why;     /* what the first unanswered one ran into */
    size_t why_size;
};

static void note_why(const struct looking *looking, const char *why)
{
    if (looking->why[0] == '\0')
        snprintf(looking->why, looking->why_size, "%s", why);
}

/* Room for an answer on each of the policy's groups, all unknown; NULL without memory. */
static enum answer *make_answers(const struct looking *looking)
{
    const size_t count = looking->host->policy->groups.count;
    enum answer *answers = arena_alloc(&looking->identity->memory, count + 1, sizeof *answers);
    size_t i;

    for (i = 0; answers != NULL && i < count; i++)
        answers[i] = ANSWER_UNKNOWN;
    return answers;
}

/* Asks which of the groups that matter a user is in. */
static void ask(const struct looking *looking, const struct user *user, enum answer *answers)
{
    char why[1024];

    lookup_groups(looking->host->lookup, looking->host->policy, user, looking->matters, looking->by,
                  answers, why, sizeof why);
    note_why(looking, why);
}

static bool look_up_user(const struct looking *looking)
{
    struct login *login = looking->login;
    enum answer *answers = make_answers(looking);

    if (answers == NULL)
        return false;
    if (decide_groups_that_matter(looking->host->policy, login, looking->matters) > 0)
        ask(looking, &looking->identity->user, answers);
    login->in_group = answers;
    return true;
}

static bool look_up_opener(const struct looking *looking)
{
    const struct user *opener = &looking->identity->opener;
    enum answer *answers;

    if (opener->name[0] == '\0')
        return true;
    answers = make_answers(looking);
    if (answers == NULL)
        return false;
    ask(looking, opener, answers);
    looking->login->opener_in_group = answers;
    return true;
}

/* Whether su or sudo name as their caller somebody whose groups are not looked up already. */
static bool has_caller(const struct looking *looking)
{
    const struct login *login = looking->login;

    return looking->host->policy->deny_group_count > 0 && match_names_caller(login->service) &&
           login->ruser[0] != '\0' && strcmp(login->ruser, login->user) != 0 &&
           (login->opener == NULL || strcmp(login->ruser, login->opener) != 0);
}

static bool look_up_caller(const struct looking *looking)
{
    struct user *caller = &looking->identity->caller;
    enum lookup_outcome outcome = LOOKUP_FOUND;
    enum answer *answers;
    char why[1024];

    if (!has_caller(looking))
        return true;
    if (caller->name[0] == '\0')
        outcome = lookup_user(looking->host->lookup, looking->login->ruser, looking->by, caller,
                              why, sizeof why);
    if (outcome == LOOKUP_NOT_FOUND ||
        (outcome == LOOKUP_FOUND && !policy_is_managed(looking->host->policy, caller->uid)))
        return true;
    answers = make_answers(looking);
    if (answers == NULL)
        return false;
    if (outcome == LOOKUP_FOUND)
        ask(looking, caller, answers);
    else
        note_why(looking, why);
    looking->login->caller_in_group = answers;
    return true;
}

/* Asks for the names of all groups of the user, where patterns need them. */
static bool look_up_names(const struct looking *looking)
{
    struct identity *identity = looking->identity;
    const struct policy *policy = looking->host->policy;
    struct login *login = looking->login;
    struct texts *names;
    char why[1024];

    if (!decide_needs_group_names(policy, login))
        return true;
    names = arena_alloc(&identity->memory, 1, sizeof *names);
    if (names == NULL)
        return false;
    login->groups_unknown =
        !lookup_group_names(looking->host->lookup, policy, &identity->user, looking->by,
                            &identity->memory, names, why, sizeof why);
    if (login->groups_unknown)
        note_why(looking, why);
    else
        login->group_names = names;
    return true;
}

bool login_groups_look_up(struct host *host, struct deadline by, struct identity *identity,
                          struct login *login, char *why, size_t why_size)
{
    const struct policy *policy = host->policy;
    const struct looking looking = {
        .host = host,
        .by = by,
        .identity = identity,
        .login = login,
        .matters = arena_alloc(&identity->memory, policy->groups.count + 1, sizeof(bool)),
        .why = why,
        .why_size = why_size,
    };
    size_t i;

    why[0] = '\0';
    if (looking.matters == NULL || !look_up_user(&looking))
        return false;
    /* Of others it is denies alone that count. */
    for (i = policy->deny_group_count; i < policy->groups.count; i++)
        looking.matters[i] = false;
    return look_up_opener(&looking) && look_up_caller(&looking) && look_up_names(&looking);
}
