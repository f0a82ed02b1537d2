/*
 * Two indexes and a list.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/spelling.h"

#include <string.h>

#include "policy/arn.h"
#include "policy/glob.h"
#include "policy/template.h"
#include "policy/values.h"

#define NAME_LONGEST ((size_t)64) /* IAM API reference, CreateRole */
#define KEY_SIZE     (ACCOUNT_ID_LENGTH + sizeof "/" + NAME_LONGEST)

const char *spelling_name(const struct role *role)
{
    return strrchr(role->arn, '/') + 1;
}

/* Writes what roles of one account and one name share. Returns false for what is no role's name. */
static bool write_key(char key[KEY_SIZE], const struct account *account, const char *name)
{
    char *at;

    if (account->id == NULL || !value_is_of(name, VALUE_NAME_BYTES, 1, NAME_LONGEST))
        return false;
    strcpy(stpcpy(stpcpy(key, account->id), "/"), name);
    for (at = key; *at != '\0'; at++)
        if (*at >= 'A' && *at <= 'Z')
            *at = (char)(*at - 'A' + 'a');
    return true;
}

/* Puts the role among those with this key. */
static void add(struct policy *policy, struct index *index, const char *key,
                const struct role *role)
{
    struct arena *memory = &policy->memory;
    void **place = index_place(index, key);
    const struct role **items;
    struct roles_alike *alike;

    if (place == NULL) {
        memory->exhausted = true;
        return;
    }
    alike = *place;
    if (alike == NULL) {
        alike = arena_alloc(memory, 1, sizeof *alike);
        if (alike == NULL || (alike->key = arena_text(memory, key, strlen(key))) == NULL)
            return;
        *place = alike;
    }
    items = arena_grow(memory, alike->items, alike->count, sizeof *items);
    if (items == NULL)
        return;
    alike->items = items;
    items[alike->count++] = role;
}

/* Puts the role among those whose name may turn out as more than one. */
static void add_templated(struct policy *policy, const struct role *role)
{
    const struct role **items = arena_grow(&policy->memory, policy->templated_roles,
                                           policy->templated_role_count, sizeof *items);

    if (items == NULL)
        return;
    policy->templated_roles = items;
    items[policy->templated_role_count++] = role;
}

void spelling_prepare(struct policy *policy)
{
    char key[KEY_SIZE];
    size_t i;

    for (i = 0; i < policy->role_count; i++) {
        const struct role *role = &policy->roles[i];

        if (role->arn == NULL || role->account == NULL)
            continue;
        if (strstr(role->arn, "%{") == NULL)
            add(policy, &policy->roles_by_arn, role->arn, role);
        if (strstr(spelling_name(role), "%{") != NULL)
            add_templated(policy, role);
        else if (write_key(key, role->account, spelling_name(role)))
            add(policy, &policy->roles_by_spelling, key, role);
    }
}

const struct roles_alike *spelling_find_arn(const struct policy *policy, const char *arn)
{
    return index_find(&policy->roles_by_arn, arn);
}

const struct roles_alike *spelling_find(const struct policy *policy, const struct account *account,
                                        const char *name)
{
    char key[KEY_SIZE];

    return write_key(key, account, name) ? index_find(&policy->roles_by_spelling, key) : NULL;
}

bool spelling_may_be(const struct role *role, const char *name)
{
    char pattern[ROLE_ARN_LONGEST + 1];

    /* The role's ARN is not longer than the pattern has room for. */
    template_mask(spelling_name(role), '*', pattern);
    return glob_matches(pattern, name, true);
}
