/*
 * One function a condition, in a table by condition.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/conditions.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "policy/hours.h"

/*
 * Looks at all of the policy's zones, whichever rules are going to be asked: their files are
 * everybody's to watch (inotify(7)), and which of them is read would tell who it is that asks, and
 * what hours they have.
 */
static void look_at_clocks(struct conditions *conditions)
{
    const struct texts *zones = &conditions->policy->zones;
    size_t i;

    /* What cannot be read stays all zero. */
    for (i = 0; i < zones->count; i++)
        (void)zone_look(zones->items[i], conditions->login->now, &conditions->clocks[i]);
}

int conditions_begin(struct conditions *conditions, const struct policy *policy,
                     const struct login *login)
{
    *conditions = (struct conditions){
        .policy = policy,
        .login = login,
        .clocks = calloc(policy->zones.count + 1, sizeof(struct zone_clock)),
    };
    if (login->address != NULL)
        conditions->has_address = address_read(login->address, &conditions->address);
    conditions->is_from_here = conditions->has_address &&
                               (login->address_is_own || address_is_loopback(&conditions->address));
    if (conditions->clocks == NULL)
        return ENOMEM;
    look_at_clocks(conditions);
    return 0;
}

void conditions_end(struct conditions *conditions)
{
    free(conditions->clocks);
}

static enum answer answer_of(bool met)
{
    return met ? ANSWER_YES : ANSWER_NO;
}

static enum answer services(struct conditions *conditions, const struct grant *rule)
{
    /* One program, two names: the second is what it calls itself for a login shell. */
    static const char *const with_login_shell[][2] = {{"sudo", "sudo-i"}, {"su", "su-l"}};
    const char *service = conditions->login->service;
    size_t i, j;

    if (conditions->login->of_user)
        return ANSWER_YES;
    if (service == NULL)
        return ANSWER_NO;
    if (rule->services.count == 0)
        return answer_of(strcmp(service, "sshd") == 0);
    for (i = 0; i < rule->services.count; i++) {
        if (strcmp(rule->services.items[i], service) == 0)
            return ANSWER_YES;
        for (j = 0; j < sizeof with_login_shell / sizeof *with_login_shell; j++)
            if (strcmp(rule->services.items[i], with_login_shell[j][0]) == 0 &&
                strcmp(service, with_login_shell[j][1]) == 0)
                return ANSWER_YES;
    }
    return ANSWER_NO;
}

static enum answer hosts(struct conditions *conditions, const struct grant *rule)
{
    const char *host = conditions->login->host;

    if (host == NULL)
        return ANSWER_UNKNOWN;
    return answer_of(grant_is_for_host(rule, host));
}

/* From this host itself comes whoever has a shell on it, from wherever they came before. */
static enum answer from(struct conditions *conditions, const struct grant *rule)
{
    size_t i;

    if (conditions->login->of_user)
        return ANSWER_YES;
    if (conditions->login->address == NULL)
        return ANSWER_UNKNOWN;
    for (i = 0; conditions->has_address && i < rule->from.count; i++)
        if (prefix_holds(&rule->from.items[i], &conditions->address) &&
            (!conditions->is_from_here || prefix_means_this_host(&rule->from.items[i])))
            return ANSWER_YES;
    return ANSWER_NO;
}

static enum answer auth(struct conditions *conditions, const struct grant *rule)
{
    const struct texts *methods = conditions->login->auth;
    size_t i, j;

    if (methods == NULL)
        return ANSWER_UNKNOWN;
    for (i = 0; i < methods->count; i++) {
        /* What stands behind a slash says more about the method, as in keyboard-interactive/pam. */
        size_t length = strcspn(methods->items[i], "/");

        for (j = 0; j < rule->auth.count; j++)
            if (strlen(rule->auth.items[j]) == length &&
                memcmp(rule->auth.items[j], methods->items[i], length) == 0)
                return ANSWER_YES;
    }
    return ANSWER_NO;
}

static enum answer until(struct conditions *conditions, const struct grant *rule)
{
    return answer_of(conditions->login->now < rule->until.at);
}

static enum answer since(struct conditions *conditions, const struct grant *rule)
{
    return answer_of(conditions->login->now >= rule->since.at);
}

/* Asked of every rule: one that has no `detach` is over with the session. */
static enum answer detach(struct conditions *conditions, const struct grant *rule)
{
    const struct login *login = conditions->login;

    return answer_of(!login->ended || login->ended_for < rule->detach);
}

/* The clock of the rule's hours, or NULL when its zone cannot be read. */
static const struct zone_clock *clock_of(struct conditions *conditions, const struct grant *rule)
{
    const struct zone_clock *clock = &conditions->clocks[rule->hours.zone];

    if (clock->known_until != 0)
        return clock;
    conditions->unreadable_zone = conditions->policy->zones.items[rule->hours.zone];
    return NULL;
}

static enum answer hours(struct conditions *conditions, const struct grant *rule)
{
    const struct zone_clock *clock = clock_of(conditions, rule);

    return answer_of(clock != NULL && hours_hold(&rule->hours, clock));
}

bool conditions_has(const struct grant *rule, enum condition which)
{
    switch (which) {
    case CONDITION_SERVICES:
        return rule->services.count > 0;
    case CONDITION_HOSTS:
        return rule->hosts.count > 0;
    case CONDITION_FROM:
        return rule->from.count > 0;
    case CONDITION_AUTH:
        return rule->auth.count > 0;
    case CONDITION_UNTIL:
        return rule->until.text != NULL;
    case CONDITION_SINCE:
        return rule->since.text != NULL;
    case CONDITION_DETACH:
        return rule->detach > 0;
    case CONDITION_HOURS:
        return rule->hours.count > 0;
    case CONDITION_COUNT:
        break;
    }
    return false;
}

enum answer conditions_answer(struct conditions *conditions, const struct grant *rule,
                              enum condition which)
{
    static enum answer (*const ask[CONDITION_COUNT])(struct conditions *, const struct grant *) = {
        [CONDITION_SERVICES] = services, [CONDITION_HOSTS] = hosts, [CONDITION_FROM] = from,
        [CONDITION_AUTH] = auth,         [CONDITION_UNTIL] = until, [CONDITION_SINCE] = since,
        [CONDITION_DETACH] = detach,     [CONDITION_HOURS] = hours,
    };

    if (!conditions_has(rule, which) && which != CONDITION_SERVICES && which != CONDITION_DETACH)
        return ANSWER_YES;
    return ask[which](conditions, rule);
}

enum answer conditions_apply(struct conditions *conditions, const struct grant *rule,
                             enum unmet *why)
{
    static const struct {
        enum condition which;
        enum unmet unmet;
    } asked[] = {
        {CONDITION_SERVICES, UNMET_NONE},
        {CONDITION_HOSTS, UNMET_HOST},
        {CONDITION_FROM, UNMET_FROM},
        {CONDITION_AUTH, UNMET_AUTH},
    };
    enum answer all = ANSWER_YES;
    size_t i;

    for (i = 0; i < sizeof asked / sizeof *asked; i++) {
        enum answer answer = conditions_answer(conditions, rule, asked[i].which);

        if (answer == ANSWER_NO) {
            if (why != NULL)
                *why = asked[i].unmet == UNMET_FROM && conditions->is_from_here ? UNMET_FROM_HERE
                                                                                : asked[i].unmet;
            return ANSWER_NO;
        }
        if (answer == ANSWER_UNKNOWN)
            all = ANSWER_UNKNOWN;
    }
    return all;
}

enum unmet conditions_unmet(struct conditions *conditions, const struct grant *rule)
{
    static const struct {
        enum condition which;
        enum unmet unmet;
    } asked[] = {
        {CONDITION_UNTIL, UNMET_ENDED},
        {CONDITION_SINCE, UNMET_NOT_YET},
        {CONDITION_DETACH, UNMET_DETACHED},
        {CONDITION_HOURS, UNMET_HOURS},
    };
    size_t i;

    for (i = 0; i < sizeof asked / sizeof *asked; i++)
        if (conditions_answer(conditions, rule, asked[i].which) == ANSWER_NO)
            return asked[i].unmet;
    return UNMET_NONE;
}

/* The earlier of two ends, of which 0 is none. */
static time_t earlier(time_t a, time_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

time_t conditions_met_until(struct conditions *conditions, const struct grant *rule)
{
    const struct login *login = conditions->login;
    time_t end = rule->until.at;
    const struct zone_clock *clock;

    if (login->ended)
        end = earlier(end, login->now + (rule->detach - login->ended_for));
    if (rule->hours.count > 0) {
        clock = clock_of(conditions, rule);
        if (clock != NULL)
            end = earlier(end, hours_end(&rule->hours, clock));
    }
    return login->certificate != NULL ? earlier(end, login->certificate->ends) : end;
}
