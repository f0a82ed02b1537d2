/*
 * [pattern]: roles straight from directory groups.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "policy/arn.h"
#include "policy/keys.h"
#include "policy/pattern.h"
#include "policy/settings.h"

#define ACCOUNT_MARK "{account}"
#define ROLE_MARK    "{role}"

/* How often `part` stands in the text. */
static size_t count_of(const char *text, const char *part)
{
    size_t count = 0;

    while ((text = strstr(text, part)) != NULL) {
        text += strlen(part);
        count++;
    }
    return count;
}

/*
 * Whether the text has {role} once and {account} `least` to one times, and no other braces, which
 * could only be something that we do not know.
 */
static bool has_marks(const char *text, size_t least)
{
    size_t accounts = count_of(text, ACCOUNT_MARK);

    return count_of(text, ROLE_MARK) == 1 && accounts >= least && accounts <= 1 &&
           count_of(text, "{") == accounts + 1 && count_of(text, "}") == accounts + 1;
}

void set_pattern_groups(struct loader *loader, struct target *target, const struct entry *entry)
{
    struct pattern *pattern = target->pattern;
    struct arena *memory = &loader->policy->memory;
    char *text = entry->values[0].text;
    const char *account = strstr(text, ACCOUNT_MARK);
    const char *role = strstr(text, ROLE_MARK);
    const char *first_end, *second;

    if (entry->value_count > 1) {
        loader_error(loader, entry->values[1].at,
                     "groups: a pattern has one form of group; write another [pattern] for %s",
                     entry->values[1].text);
        return;
    }
    if (!rule_name_is_fit(loader, "groups", &entry->values[0], false))
        return;
    if (!has_marks(text, 1)) {
        loader_error(loader, entry->at,
                     "groups = %s: write a group's name with {account} and {role} in it, once each",
                     text);
        return;
    }
    pattern->role_first = role < account;
    first_end = pattern->role_first ? role + strlen(ROLE_MARK) : account + strlen(ACCOUNT_MARK);
    second = pattern->role_first ? account : role;
    if (first_end == second) {
        loader_error(loader, entry->at,
                     "groups = %s: something must stand between {account} and {role} that tells "
                     "where the one ends, as in aws-{account}-{role}",
                     text);
        return;
    }
    pattern->groups = text;
    pattern->before =
        arena_text(memory, text, (size_t)((pattern->role_first ? role : account) - text));
    pattern->between = arena_text(memory, first_end, (size_t)(second - first_end));
    pattern->after = strchr(second, '}') + 1;
}

void set_pattern_path(struct loader *loader, struct target *target, const struct entry *entry)
{
    char *path = entry->values[0].text;
    char *outline = pattern_fill(path, "x", "x", &loader->scratch);
    const char *fault;

    if (outline == NULL)
        return;
    fault = arn_role_path_fault(outline);
    if (!has_marks(path, 0))
        loader_error(
            loader, entry->at,
            "name = %s: write the PATH/NAME of a role with {role} in it once, and {account} "
            "at most once; %%{...} has no place here",
            path);
    else if (fault != NULL)
        loader_error(loader, entry->at, "name = %s: %s", path, fault);
    else
        target->pattern->path = path;
}

void set_pattern_case(struct loader *loader, struct target *target, const struct entry *entry)
{
    const char *text = entry->values[0].text;

    if (strcmp(text, "exact") == 0)
        target->pattern->exact = true;
    else if (strcmp(text, "fold") != 0)
        loader_error(loader, entry->at, "case = %s: write fold or exact", text);
}

void finish_pattern(struct loader *loader, struct target *target)
{
    static char role_alone[] = ROLE_MARK;
    struct pattern *pattern = target->pattern;
    const struct policy *policy = loader->policy;
    size_t errors = loader->errors->count, i;

    if (pattern->path == NULL)
        pattern->path = role_alone;
    /* What is wrong with the first account is mostly wrong with them all: it is told once. */
    for (i = 0; i < policy->account_count && loader->errors->count == errors; i++) {
        struct role_settings whole = pattern->settings;

        if (settings_complete(&whole, &policy->accounts[i], policy, &loader->scratch))
            settings_check(loader, target->section, &policy->accounts[i], &pattern->settings,
                           &whole);
    }
}
