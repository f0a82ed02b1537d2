/*
 * A login is made up for each rule that names somebody, one that it is for, and decided on. Rules
 * that want the same of a login share the decision.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/ways.h"

#include <arpa/inet.h>
#include <errno.h>
#include <inttypes.h>

#include "policy/deciding.h"
#include "policy/hours.h"
#include "policy/zone.h"

/* A decision that was made, found by what the login was like. */
struct tried {
    const char *key;
    struct tried *next;
    struct texts auth;
    struct decision decision;
};

/* The ways of one login, on their way. */
struct finding {
    struct deciding deciding;
    struct ways *ways;
    struct derived_roles derived; /* in the memory of the ways */
    struct index by_key;          /* of struct tried */
    struct tried *tried;
};

/* An address that the rule is for; NULL where it is for any, or without memory. */
static const char *address_of(const struct grant *rule, struct arena *memory)
{
    char text[INET6_ADDRSTRLEN];
    const struct prefix *prefix = rule->from.items;

    if (rule->from.count == 0 ||
        inet_ntop(prefix->is_ipv4 ? AF_INET : AF_INET6, prefix->bytes, text, sizeof text) == NULL)
        return NULL;
    return arena_format(memory, "%s", text);
}

/* What is decided on a login at `now` that the rule is for; NULL without memory. */
static const struct decision *try(struct finding *finding, const struct grant *rule, time_t now)
{
    struct arena *memory = &finding->deciding.scratch;
    struct login login = *finding->deciding.login;
    const char *key;
    struct tried *tried;

    login.now = now;
    login.service = rule->services.count > 0 ? rule->services.items[0] : "sshd";
    login.address = address_of(rule, memory);
    key = arena_format(memory, "%s\n%s\n%s\n%" PRIdMAX, login.service,
                       login.address != NULL ? login.address : "",
                       rule->auth.count > 0 ? rule->auth.items[0] : "", (intmax_t)now);
    if (key == NULL)
        return NULL;
    tried = index_find(&finding->by_key, key);
    if (tried != NULL)
        return &tried->decision;
    tried = arena_alloc(memory, 1, sizeof *tried);
    if (tried == NULL)
        return NULL;
    *tried = (struct tried){.key = key, .next = finding->tried};
    tried->auth = (struct texts){rule->auth.items, rule->auth.count > 0};
    login.auth = &tried->auth;
    if (decide(finding->deciding.policy, &login, NULL, &tried->decision) != 0) {
        memory->exhausted = true;
        return NULL;
    }
    finding->tried = tried;
    if (index_add(&finding->by_key, tried) == NULL)
        memory->exhausted = true;
    return &tried->decision;
}

/*
 * The next instant at which clocks show the begin of one of the rule's hours; 0 where their zone
 * cannot be read. Where clocks skip that hour it does not hold then, and decide() says so.
 */
static time_t next_hours(const struct finding *finding, const struct grant *rule)
{
    const struct zone_clock *clock = &finding->deciding.conditions.clocks[rule->hours.zone];
    const time_t now = finding->deciding.login->now;
    time_t next = 0;
    size_t i;

    if (clock->known_until == 0)
        return 0;
    for (i = 0; i < rule->hours.count; i++) {
        int until = rule->hours.spans[i].from * 60 - clock->second_of_week;
        time_t at = now + (until > 0 ? until : until + ZONE_WEEK);

        if (clock->change != 0 && at >= clock->change)
            at -= clock->forward;
        if (next == 0 || at < next)
            next = at;
    }
    return next;
}

/* Adds a way. */
static void add(struct finding *finding, const struct way *way)
{
    struct ways *ways = finding->ways;
    struct way *items = arena_grow(&ways->memory, ways->items, ways->count, sizeof *items);

    if (items == NULL)
        return;
    ways->items = items;
    items[ways->count++] = *way;
}

/* Adds a way that the rule is, once it is known what becomes of it; or leaves it out. */
static void weigh(struct finding *finding, struct way *way, const struct decision *decision,
                  time_t now)
{
    const struct permitted_role *permitted =
        decision->status == STATUS_PERMITTED ? decision_find_role(decision, way->role->name) : NULL;
    const struct taken taken = deciding_taken_from(&finding->deciding, way->role);
    const struct deny *everything = finding->deciding.everything.surely;

    if (permitted != NULL && permitted_role_is_ending(permitted, now))
        return;
    if (permitted == NULL && (everything != NULL || taken.surely != NULL)) {
        way->reach = REACH_DENIED;
        way->denied_by = everything != NULL ? everything : taken.surely;
    } else if (permitted == NULL && decision->status == STATUS_UNAVAILABLE) {
        way->reach = REACH_UNKNOWN;
    } else if (permitted == NULL) {
        return;
    }
    add(finding, way);
}

/* Notes a rule that names the login, or might, and what it gives. */
static void note_rule(struct finding *finding, const struct grant *rule, const struct match *match,
                      const struct given *given, size_t count)
{
    struct conditions *conditions = &finding->deciding.conditions;
    const enum unmet unmet = conditions_unmet(conditions, rule);
    const time_t now = finding->deciding.login->now;
    const time_t at = unmet == UNMET_HOURS ? next_hours(finding, rule) : now;
    const enum reach reach = match->answer == ANSWER_UNKNOWN || at == 0 ? REACH_UNKNOWN
                             : unmet == UNMET_HOURS                     ? REACH_NOT_NOW
                                                                        : REACH_YES;
    const struct decision *decision;
    size_t i;

    if (conditions_answer(conditions, rule, CONDITION_HOSTS) == ANSWER_NO ||
        (unmet != UNMET_NONE && unmet != UNMET_HOURS) || grant_has_ended(rule, at))
        return;
    decision = try(finding, rule, at != 0 ? at : now);
    for (i = 0; decision != NULL && i < count; i++) {
        struct way way = {
            .role = given[i].role,
            .rule = rule,
            .key = match->key,
            .name = given[i].group != NULL ? given[i].group : match->name,
            .reach = reach,
        };

        weigh(finding, &way, decision, at != 0 ? at : now);
    }
}

static void note_grants(struct finding *finding)
{
    struct deciding *deciding = &finding->deciding;
    const struct rule_set *set = &deciding->grants;
    size_t i, j;

    for (i = rule_set_next(set, 0); i < set->count; i = rule_set_next(set, i + 1)) {
        const struct grant *grant = &deciding->policy->grants[i];
        struct match match = match_grant(deciding->policy, grant, deciding->login);
        struct given *given;

        if (match.answer == ANSWER_NO)
            continue;
        given = arena_alloc(&deciding->scratch, grant->role_count, sizeof *given);
        if (given == NULL)
            return;
        for (j = 0; j < grant->role_count; j++)
            given[j].role = grant->roles[j];
        note_rule(finding, grant, &match, given, grant->role_count);
    }
}

static void note_patterns(struct finding *finding)
{
    const struct match match = {ANSWER_YES, "groups", NULL, false};
    struct deciding *deciding = &finding->deciding;
    struct given *given;
    size_t i, count;

    for (i = 0; i < deciding->policy->pattern_count; i++) {
        count = deciding_derive(deciding, &deciding->policy->patterns[i], &finding->derived,
                                &deciding->scratch, &given);
        if (count > 0)
            note_rule(finding, &deciding->policy->patterns[i].rule, &match, given, count);
    }
}

int ways_find(const struct policy *policy, const struct login *who, struct ways *ways)
{
    struct finding finding = {.ways = ways, .derived = {.memory = &ways->memory}};
    struct login login = *who;
    struct tried *tried;
    int error;

    *ways = (struct ways){.items = NULL};
    /* Neither is looked at here but what names it: try() puts them in. */
    login.service = "sshd";
    login.address = NULL;
    error = deciding_begin(&finding.deciding, policy, &login);
    if (error == 0) {
        deciding_note_denies(&finding.deciding);
        note_grants(&finding);
        note_patterns(&finding);
    }
    if (ways->memory.exhausted || finding.deciding.scratch.exhausted)
        error = ENOMEM;
    for (tried = finding.tried; tried != NULL; tried = tried->next)
        decision_free(&tried->decision);
    derived_roles_end(&finding.derived);
    index_free(&finding.by_key);
    deciding_end(&finding.deciding);
    if (error != 0)
        ways_free(ways);
    return error;
}

void ways_free(struct ways *ways)
{
    if (ways == NULL)
        return;
    arena_free(&ways->memory);
    *ways = (struct ways){.items = NULL};
}
