/*
 * What a grant, a role and an account alone show; the other checks have files of their own.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/lint.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

#include "policy/lint_checks.h"
#include "policy/values.h"

#define SESSION_POLICY_PLAIN 2048 /* characters, STS API reference, AssumeRole: Policy */

void lint_add(struct linting *linting, enum lint_severity severity, struct position at,
              const char *format, ...)
{
    struct lint *lint = linting->lint;
    struct lint_finding *items;
    char *text = NULL;
    va_list arguments;

    va_start(arguments, format);
    text = arena_vformat(&lint->memory, format, arguments);
    va_end(arguments);
    items = arena_grow(&lint->memory, lint->items, lint->count, sizeof *items);
    if (items == NULL || text == NULL)
        return;
    lint->items = items;
    items[lint->count++] = (struct lint_finding){severity, at, text};
}

/* Whether `services` leave sshd out, which alone tells how a login is authenticated. */
static bool is_without_sshd(const struct grant *rule)
{
    size_t i;

    for (i = 0; i < rule->services.count; i++)
        if (strcmp(rule->services.items[i], "sshd") == 0)
            return false;
    return rule->services.count > 0;
}

static void check_rule(struct linting *linting, const struct grant *rule)
{
    if (grant_has_ended(rule, linting->now))
        lint_add(linting, LINT_WARNING, rule->until.where,
                 "[%s] has ended with until = %s; remove it, or give it a later end", rule->title,
                 rule->until.text);
    if (is_without_sshd(rule) && rule->auth.count > 0)
        lint_add(linting, LINT_WARNING, rule->condition_at[CONDITION_AUTH],
                 "[%s] never holds: only sshd says how a login was authenticated, and its services "
                 "are others",
                 rule->title);
    if (is_without_sshd(rule) && rule->who.principals.count > 0)
        lint_add(linting, LINT_WARNING, rule->at,
                 "[%s] names principals, which only a login by sshd has, and its services are "
                 "others",
                 rule->title);
}

static void check_rules(struct linting *linting)
{
    const struct policy *policy = linting->policy;
    size_t i;

    for (i = 0; i < policy->grant_count; i++)
        check_rule(linting, &policy->grants[i]);
    for (i = 0; i < policy->pattern_count; i++)
        check_rule(linting, &policy->patterns[i].rule);
}

/* A place where a session policy is named, by its text. */
struct place {
    char *text;
};

bool lint_is_new(struct linting *linting, struct index *seen, struct position at)
{
    struct place *place = arena_alloc(&linting->scratch, 1, sizeof *place);

    if (place == NULL)
        return false;
    place->text = arena_format(&linting->scratch, "%s:%u", at.file, at.line);
    return place->text != NULL && index_add(seen, place) == place;
}

static void check_session_policy(struct linting *linting, const struct role_settings *settings,
                                 struct index *seen)
{
    size_t characters;

    if (settings->session_policy == NULL || !value_is_utf8(settings->session_policy, &characters) ||
        characters <= SESSION_POLICY_PLAIN ||
        !lint_is_new(linting, seen, settings->session_policy_at))
        return;
    lint_add(linting, LINT_WARNING, settings->session_policy_at,
             "the session policy has %zu characters before its templates are filled in; STS takes "
             "%d",
             characters, SESSION_POLICY_PLAIN);
}

/* A session policy that an account names for many roles is told once. */
static void check_session_policies(struct linting *linting)
{
    const struct policy *policy = linting->policy;
    struct index seen = {.table = NULL};
    size_t i;

    for (i = 0; i < policy->account_count; i++)
        check_session_policy(linting, &policy->accounts[i].settings, &seen);
    for (i = 0; i < policy->role_count; i++)
        check_session_policy(linting, &policy->roles[i].settings, &seen);
    for (i = 0; i < policy->pattern_count; i++)
        check_session_policy(linting, &policy->patterns[i].settings, &seen);
    index_free(&seen);
}

/* Accounts that no role is in; a pattern may take its roles from any of them. */
static void check_accounts(struct linting *linting)
{
    const struct policy *policy = linting->policy;
    bool *used = arena_alloc(&linting->scratch, policy->account_count, sizeof *used);
    size_t i;

    for (i = 0; used != NULL && i < policy->role_count; i++)
        used[policy->roles[i].account - policy->accounts] = true;
    for (i = 0; used != NULL && policy->pattern_count == 0 && i < policy->account_count; i++)
        if (!used[i])
            lint_add(
                linting, LINT_WARNING, policy->accounts[i].at,
                "[account %s] has no role, and there is no [pattern] that takes any from groups",
                policy->accounts[i].name);
}

int lint_policy(const struct policy *policy, time_t now, struct lint *lint)
{
    struct linting linting = {.policy = policy, .now = now, .lint = lint};
    int error = 0;

    *lint = (struct lint){.items = NULL};
    lint_patterns(&linting);
    check_rules(&linting);
    lint_names(&linting);
    lint_cas(&linting);
    lint_bases(&linting);
    lint_unix_groups(&linting);
    check_session_policies(&linting);
    lint_session_names(&linting);
    check_accounts(&linting);
    if (lint->memory.exhausted || linting.scratch.exhausted)
        error = ENOMEM;
    arena_free(&linting.scratch);
    return error;
}

void lint_free(struct lint *lint)
{
    if (lint == NULL)
        return;
    arena_free(&lint->memory);
    *lint = (struct lint){.items = NULL};
}
