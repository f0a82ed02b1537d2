/*
 * What a policy in memory is asked for.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/policy.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "policy/glob.h"

bool text_same(const char *a, const char *b)
{
    return a == b || (a != NULL && b != NULL && strcmp(a, b) == 0);
}

bool texts_same(const struct texts *a, const struct texts *b)
{
    size_t i;

    for (i = 0; i < a->count && i < b->count; i++)
        if (strcmp(a->items[i], b->items[i]) != 0)
            return false;
    return a->count == b->count;
}

bool texts_have(const struct texts *list, const char *text)
{
    size_t i;

    for (i = 0; i < list->count; i++)
        if (strcmp(list->items[i], text) == 0)
            return true;
    return false;
}

bool texts_add(struct arena *memory, struct texts *list, char *text)
{
    char **items =
        text != NULL ? arena_grow(memory, list->items, list->count, sizeof *items) : NULL;

    if (items == NULL)
        return false;
    list->items = items;
    items[list->count++] = text;
    return true;
}

const struct tag *tags_find(const struct tags *tags, const char *key)
{
    size_t i;

    for (i = 0; i < tags->count; i++)
        if (strcasecmp(tags->items[i].key, key) == 0)
            return &tags->items[i];
    return NULL;
}

const char *const via_names[VIAS] = {
    [VIA_HOST] = "host",
    [VIA_WEB_IDENTITY] = "web-identity",
    [VIA_SAML] = "saml",
};

const char *const identity_source_names[IDENTITY_SOURCES] = {
    [IDENTITY_CERTIFICATE] = "certificate",
    [IDENTITY_LOGINUID] = "loginuid",
    [IDENTITY_USER] = "user",
};

const char *const base_source_names[BASE_SOURCES] = {
    [BASE_FILE] = "file",
    [BASE_IMDS] = "imds",
    [BASE_CONTAINER] = "container",
    [BASE_WEB_IDENTITY] = "web-identity",
    [BASE_ROLES_ANYWHERE] = "roles-anywhere",
    [BASE_PROCESS] = "process",
};

const struct role *policy_find_role(const struct policy *policy, const char *name)
{
    return index_find(&policy->roles_by_name, name);
}

const struct account *policy_find_account(const struct policy *policy, const char *name)
{
    return index_find(&policy->accounts_by_name, name);
}

const struct account *policy_find_account_by_id(const struct policy *policy, const char *id)
{
    const struct account_by_id *found = index_find(&policy->accounts_by_id, id);

    return found != NULL ? found->account : NULL;
}

const struct base *policy_find_base(const struct policy *policy, const char *name)
{
    size_t i;

    for (i = 0; i < policy->base_count; i++)
        if (strcmp(policy->bases[i].name, name) == 0)
            return &policy->bases[i];
    return NULL;
}

const struct ca *policy_find_ca(const struct policy *policy, const unsigned char *key,
                                size_t length)
{
    size_t i;

    for (i = 0; i < policy->ca_count; i++)
        if (policy->cas[i].key_length == length && memcmp(policy->cas[i].key, key, length) == 0)
            return &policy->cas[i];
    return NULL;
}

bool policy_ca_may_name(const struct ca *ca, const char *name)
{
    size_t i;

    for (i = 0; name[0] != '\0' && i < ca->names.count; i++)
        if (glob_matches(ca->names.items[i], name, false))
            return true;
    return false;
}

bool policy_may_certify(const struct policy *policy, const char *name)
{
    size_t i;

    for (i = 0; i < policy->ca_count; i++)
        if (policy_ca_may_name(&policy->cas[i], name))
            return true;
    return false;
}

bool grant_is_for_host(const struct grant *grant, const char *host)
{
    size_t i;

    for (i = 0; i < grant->hosts.count; i++)
        if (glob_matches(grant->hosts.items[i], host, true))
            return true;
    return grant->hosts.count == 0;
}

bool grant_has_ended(const struct grant *grant, time_t at)
{
    return grant->until.at != 0 && grant->until.at <= at;
}

bool policy_asks(const struct policy *policy, enum identity_source source)
{
    size_t i;

    for (i = 0; i < policy->identity_count; i++) {
        if (policy->identity[i] == source)
            return true;
        if (policy->identity[i] == IDENTITY_USER)
            break;
    }
    return false;
}

bool policy_is_managed(const struct policy *policy, uid_t uid)
{
    return uid != 0 && uid >= policy->minimum_uid;
}

void policy_free(struct policy *policy)
{
    if (policy == NULL)
        return;
    index_free(&policy->roles_by_name);
    index_free(&policy->accounts_by_name);
    index_free(&policy->accounts_by_id);
    index_free(&policy->roles_by_arn);
    index_free(&policy->roles_by_spelling);
    index_free(&policy->rules_by_name);
    arena_free(&policy->memory);
    free(policy);
}
