/*
 * Splitting a group's name into an account and a role in every way there is.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/pattern.h"

#include <stdio.h>
#include <string.h>

#include "policy/arn.h"
#include "policy/settings.h"
#include "policy/spelling.h"
#include "policy/values.h"

#define NAME_LONGEST ((size_t)64) /* of roles in AWS; an account's name in the policy has less */

/* One look at a group. */
struct splitting {
    const struct policy *policy;
    const struct pattern *pattern;
    struct derived_roles *derived;
    const struct role *found;
    bool two;
};

void derived_roles_end(struct derived_roles *derived)
{
    index_free(&derived->by_name);
}

char *pattern_fill(const char *text, const char *account, const char *role, struct arena *memory)
{
    size_t size = strlen(text) + strlen(account) + strlen(role) + 1;
    char *filled = arena_alloc(memory, size, 1);
    char *end = filled;

    while (filled != NULL && *text != '\0')
        if (strncmp(text, "{account}", 9) == 0) {
            end = stpcpy(end, account);
            text += 9;
        } else if (strncmp(text, "{role}", 6) == 0) {
            end = stpcpy(end, role);
            text += 6;
        } else {
            *end++ = *text++;
        }
    return filled;
}

/* The ARN of a role of this path; NULL when it is none, or without memory. */
static char *make_arn(const struct splitting *splitting, const struct account *account,
                      const char *path)
{
    const struct partition *partition =
        settings_partition(&splitting->pattern->settings, account, splitting->policy);
    char *arn;

    if (arn_role_path_fault(path) != NULL)
        return NULL;
    arn = arn_of_role(splitting->derived->memory, partition->name, account->id, path);
    return arn != NULL && strlen(arn) <= ROLE_ARN_LONGEST ? arn : NULL;
}

/*
 * The derived role of this ARN, made now unless one of its name is there: IAM has one role of a
 * name in an account, so one of another path is not another role. NULL without memory.
 */
static const struct role *derive(const struct splitting *splitting, const struct account *account,
                                 char *arn)
{
    struct derived_roles *derived = splitting->derived;
    struct role *role = arena_alloc(derived->memory, 1, sizeof *role);
    struct role *known;
    size_t size = strlen(account->name) + 1 + NAME_LONGEST + 1;

    if (role == NULL)
        return NULL;
    *role = (struct role){.name = arena_alloc(derived->memory, size, 1),
                          .account = account,
                          .arn = arn,
                          .settings = splitting->pattern->settings,
                          .at = splitting->pattern->rule.at};
    if (role->name == NULL)
        return NULL;
    snprintf(role->name, size, "%s/%s", account->name, spelling_name(role));
    known = index_find(&derived->by_name, role->name);
    if (known != NULL)
        return known;
    if (!settings_complete(&role->settings, account, splitting->policy, derived->memory))
        return NULL;
    if (index_add(&derived->by_name, role) == NULL) {
        derived->memory->exhausted = true;
        return NULL;
    }
    return role;
}

/* Notes what the group may mean. */
static void note(struct splitting *splitting, const struct role *role)
{
    if (splitting->found != NULL && role != NULL && splitting->found != role)
        splitting->two = true;
    if (role != NULL)
        splitting->found = role;
}

/*
 * Spells the name at the end of the path as the policy does. Returns false when the policy has no
 * such role in the account; where it spells it in two ways, that is noted.
 */
static bool spell(struct splitting *splitting, const struct account *account, char *path)
{
    char *slash = strrchr(path, '/');
    char *name = slash != NULL ? slash + 1 : path;
    const struct roles_alike *alike = spelling_find(splitting->policy, account, name);
    const char *spelling;
    size_t i;

    if (alike == NULL)
        return false;
    spelling = spelling_name(alike->items[0]);
    for (i = 1; i < alike->count; i++)
        if (strcmp(spelling_name(alike->items[i]), spelling) != 0)
            splitting->two = true;
    /* They differ in case alone, so the one has room for the other. */
    memcpy(name, spelling, strlen(name));
    return true;
}

/* Notes what the group means if it is of this account and this role. */
static void note_split(struct splitting *splitting, const struct account *account, const char *name)
{
    const struct pattern *pattern = splitting->pattern;
    const struct roles_alike *alike;
    char *path, *arn;

    if (account == NULL || account->id == NULL ||
        !value_is_of(name, VALUE_NAME_BYTES, 1, NAME_LONGEST))
        return;
    path = pattern_fill(pattern->path, account->name, name, splitting->derived->memory);
    if (path == NULL || (!pattern->exact && !spell(splitting, account, path)))
        return;
    arn = make_arn(splitting, account, path);
    if (arn == NULL)
        return;
    alike = spelling_find_arn(splitting->policy, arn);
    if (alike == NULL)
        note(splitting, derive(splitting, account, arn));
    else if (alike->count == 1)
        note(splitting, alike->items[0]);
    else
        splitting->two = true;
}

/* Copies a part of a group's name. Returns false when it is longer than any name that we know. */
static bool copy_part(char part[NAME_LONGEST + 1], const char *begin, size_t length)
{
    if (length == 0 || length > NAME_LONGEST || memchr(begin, '\0', length) != NULL)
        return false;
    memcpy(part, begin, length);
    part[length] = '\0';
    return true;
}

enum split pattern_split(const struct policy *policy, const struct pattern *pattern,
                         const char *group, struct derived_roles *derived, const struct role **role)
{
    struct splitting splitting = {.policy = policy, .pattern = pattern, .derived = derived};
    size_t before = strlen(pattern->before), after = strlen(pattern->after);
    size_t between = strlen(pattern->between), length = strlen(group), at;
    const char *middle = group + before;

    *role = NULL;
    if (length < before + between + after || memcmp(group, pattern->before, before) != 0 ||
        memcmp(group + length - after, pattern->after, after) != 0)
        return SPLIT_NONE;
    length -= before + after;
    for (at = 0; at + between <= length; at++) {
        char left[NAME_LONGEST + 1], right[NAME_LONGEST + 1];
        const char *account = pattern->role_first ? right : left;
        const char *name = pattern->role_first ? left : right;

        if (memcmp(middle + at, pattern->between, between) != 0 || !copy_part(left, middle, at) ||
            !copy_part(right, middle + at + between, length - at - between))
            continue;
        note_split(&splitting, policy_find_account(policy, account), name);
        note_split(&splitting, policy_find_account_by_id(policy, account), name);
    }
    if (splitting.two)
        return SPLIT_TWO;
    *role = splitting.found;
    return splitting.found != NULL ? SPLIT_ONE : SPLIT_NONE;
}

const char *pattern_group_of(const struct pattern *pattern, const struct role *role, bool by_id,
                             struct arena *memory)
{
    const char *path = strstr(role->arn, ":role/") + strlen(":role/");
    char *form = pattern_fill(pattern->path, role->account->name, "{role}", memory);
    const char *hole = form != NULL ? strstr(form, "{role}") : NULL;
    size_t begin, end, length = strlen(path);
    char *name;

    if (hole == NULL)
        return NULL;
    begin = (size_t)(hole - form);
    end = strlen(hole + strlen("{role}"));
    if (length <= begin + end || strncmp(path, form, begin) != 0 ||
        strcmp(path + length - end, hole + strlen("{role}")) != 0)
        return NULL;
    name = arena_text(memory, path + begin, length - begin - end);
    if (name == NULL)
        return NULL;
    return pattern_fill(pattern->groups, by_id ? role->account->id : role->account->name, name,
                        memory);
}
