/*
 * The table of sections and the table of keys.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/keys.h"

#include <stdio.h>
#include <string.h>

#define COUNT_OF(array) (sizeof(array) / sizeof *(array))

enum {
    XACCT = 1 << SECTION_XACCT,
    BASE = 1 << SECTION_BASE,
    CA = 1 << SECTION_CA,
    ACCOUNT = 1 << SECTION_ACCOUNT,
    ROLE = 1 << SECTION_ROLE,
    DENY = 1 << SECTION_DENY,
    GRANT = 1 << SECTION_GRANT,
    PATTERN = 1 << SECTION_PATTERN,
    RULES = GRANT | PATTERN,
    SETTINGS = ACCOUNT | ROLE | PATTERN,
};

static const struct {
    const char *word;
    bool named;
    void (*finish)(struct loader *loader, struct target *target);
} kinds[SECTION_KINDS] = {
    [SECTION_XACCT] = {"xacct", false, finish_xacct},
    [SECTION_BASE] = {"base", false, finish_base},
    [SECTION_CA] = {"ca", true, finish_ca},
    [SECTION_ACCOUNT] = {"account", true, NULL},
    [SECTION_ROLE] = {"role", true, finish_role},
    [SECTION_DENY] = {"deny", true, finish_deny},
    [SECTION_GRANT] = {"grant", true, finish_grant},
    [SECTION_PATTERN] = {"pattern", true, finish_pattern},
};

static const struct key keys[] = {
    {"region", XACCT | SETTINGS, XACCT, KEY_SCALAR, set_region},
    {"timeout", XACCT, 0, KEY_SCALAR, set_timeout},
    {"sts_endpoint", XACCT, 0, KEY_SCALAR, set_sts_endpoint},
    {"console_endpoint", XACCT, 0, KEY_SCALAR, set_console_endpoint},
    {"ca_bundle", XACCT, 0, KEY_SCALAR, set_ca_bundle},
    {"minimum_uid", XACCT, 0, KEY_SCALAR, set_minimum_uid},
    {"audit", XACCT, 0, KEY_SCALAR, set_audit},
    {"sessions", XACCT, 0, KEY_SCALAR, set_sessions},
    {"session_max", XACCT, 0, KEY_SCALAR, set_session_max},
    {"identity", XACCT, 0, KEY_LIST, set_identity},
    {"state", XACCT, 0, KEY_SCALAR, set_state},

    {"source", BASE, BASE, KEY_SCALAR, set_base_source},
    {"file", BASE, BASE, KEY_SCALAR, set_base_file},
    {"profile", BASE, 0, KEY_SCALAR, set_base_profile},

    {"key", CA, CA, KEY_JOINED, set_ca_key},
    {"identity", CA, 0, KEY_SCALAR, set_ca_identity},
    {"names", CA, CA, KEY_LIST, set_ca_names},

    {"id", ACCOUNT, ACCOUNT, KEY_SCALAR, set_account_id},
    {"account", ROLE, ROLE, KEY_SCALAR, set_role_account},
    {"name", ROLE, 0, KEY_SCALAR, set_role_name},
    {"arn", ROLE, 0, KEY_JOINED, set_role_arn},

    {"description", SETTINGS, 0, KEY_SCALAR, set_description},
    {"external_id", SETTINGS, 0, KEY_JOINED, set_external_id},
    {"session_name", XACCT | SETTINGS, 0, KEY_SCALAR, set_session_name},
    {"policy", SETTINGS, 0, KEY_SCALAR, set_session_policy},
    {"policy_arns", SETTINGS, 0, KEY_LIST, set_policy_arns},
    {"tags", SETTINGS, 0, KEY_PAIRS, set_tags},
    {"transitive_tags", SETTINGS, 0, KEY_LIST, set_transitive_tags},
    {"duration", XACCT | SETTINGS, 0, KEY_SCALAR, set_duration},
    {"min_life", XACCT | SETTINGS, 0, KEY_SCALAR, set_min_life},
    {"deliver", XACCT | SETTINGS, 0, KEY_SCALAR, set_deliver},
    {"source_identity", XACCT | SETTINGS, 0, KEY_SCALAR, set_source_identity},

    {"users", GRANT | DENY, 0, KEY_LIST, set_users},
    {"groups", GRANT | DENY, 0, KEY_LIST, set_groups},
    {"principals", GRANT | DENY, 0, KEY_LIST, set_principals},
    {"groups", PATTERN, PATTERN, KEY_LIST, set_pattern_groups},
    {"name", PATTERN, 0, KEY_SCALAR, set_pattern_path},
    {"case", PATTERN, 0, KEY_SCALAR, set_pattern_case},
    {"services", RULES, 0, KEY_LIST, set_services},
    {"hosts", RULES, 0, KEY_LIST, set_hosts},
    {"from", RULES, 0, KEY_LIST, set_from},
    {"auth", RULES, 0, KEY_LIST, set_auth},
    {"since", RULES, 0, KEY_SCALAR, set_since},
    {"until", RULES, 0, KEY_SCALAR, set_until},
    {"hours", RULES, 0, KEY_LIST, set_hours},
    {"detach", RULES, 0, KEY_SCALAR, set_detach},
    {"roles", GRANT, GRANT, KEY_LIST, set_rule_roles},
    {"roles", DENY, 0, KEY_LIST, set_rule_roles},
    {"accounts", DENY, 0, KEY_LIST, set_rule_accounts},
    {"default", GRANT, 0, KEY_SCALAR, set_default_role},
};

enum section_kind section_kind_find(const char *word, size_t length, bool *named)
{
    unsigned kind;

    *named = false;
    for (kind = 0; kind < SECTION_KINDS; kind++)
        if (strlen(kinds[kind].word) == length && memcmp(kinds[kind].word, word, length) == 0) {
            *named = kinds[kind].named;
            break;
        }
    return (enum section_kind)kind;
}

void section_kinds_list(char *list, size_t size)
{
    size_t used = 0;
    unsigned kind;

    for (kind = 0; kind < SECTION_KINDS && used < size; kind++)
        used += (size_t)snprintf(list + used, size - used, "%s[%s%s]", kind > 0 ? " " : "",
                                 kinds[kind].word, kinds[kind].named ? " NAME" : "");
}

const struct key *key_find(enum section_kind kind, const char *name)
{
    size_t i;

    for (i = 0; i < COUNT_OF(keys); i++)
        if ((keys[i].sections & (1U << kind)) != 0 && strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}

void key_unknown(struct loader *loader, const struct section *section, struct position at,
                 const char *name)
{
    char known[512];
    size_t used = 0, i;

    for (i = 0; i < COUNT_OF(keys) && used < sizeof known; i++)
        if ((keys[i].sections & (1U << section->kind)) != 0)
            used += (size_t)snprintf(known + used, sizeof known - used, " %s", keys[i].name);
    loader_error(loader, at, "unknown key \"%s\" in [%s]; known here are%s", name, section->title,
                 known);
}

void keys_apply(struct loader *loader, struct target *target)
{
    const struct section *section = target->section;
    size_t i;

    for (i = 0; i < section->entry_count; i++)
        if (section->entries[i].value_count > 0)
            section->entries[i].key->set(loader, target, &section->entries[i]);
    for (i = 0; i < COUNT_OF(keys) && !section->damaged; i++)
        if ((keys[i].required & (1U << section->kind)) != 0 &&
            section_entry(section, keys[i].name) == NULL)
            loader_error(loader, section->at, "[%s] lacks the key %s, which it must have",
                         section->title, keys[i].name);
    if (kinds[section->kind].finish != NULL)
        kinds[section->kind].finish(loader, target);
}
