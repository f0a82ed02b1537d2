/*
 * The names of a login against those of a rule.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/match.h"

#include <string.h>

static bool same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

bool match_name(const struct subjects *who, const struct login *login)
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

    if (match_name(who, login))
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

const char *match_unanswered(const struct policy *policy, const struct subjects *who,
                             const struct login *login)
{
    size_t i;

    for (i = 0; i < who->group_count; i++)
        if (login->in_group == NULL || login->in_group[who->groups[i]] == ANSWER_UNKNOWN)
            return policy->groups.items[who->groups[i]];
    return NULL;
}

enum answer match_deny(const struct deny *deny, const struct login *login)
{
    size_t i;

    for (i = 0; i < deny->who.users.count; i++)
        if (same(deny->who.users.items[i], login->typed))
            return ANSWER_YES;
    return is_about(&deny->who, login);
}

bool match_service(const struct grant *grant, const char *service)
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

enum answer match_grant(const struct grant *grant, const struct login *login)
{
    return match_service(grant, login->service) ? is_about(&grant->who, login) : ANSWER_NO;
}
