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
    enum section_name takes;
    void (*finish)(struct loader *loader, struct target *target);
} kinds[SECTION_KINDS] = {
    [SECTION_XACCT] = {"xacct", SECTION_NAMELESS, finish_xacct},
    [SECTION_BASE] = {"base", SECTION_NAMED_OR_NOT, finish_base},
    [SECTION_CA] = {"ca", SECTION_NAMED, finish_ca},
    [SECTION_ACCOUNT] = {"account", SECTION_NAMED, finish_account},
    [SECTION_ROLE] = {"role", SECTION_NAMED, finish_role},
    [SECTION_DENY] = {"deny", SECTION_NAMED, finish_deny},
    [SECTION_GRANT] = {"grant", SECTION_NAMED, finish_grant},
    [SECTION_PATTERN] = {"pattern", SECTION_NAMED, finish_pattern},
};

static const struct key keys[] = {
    {"region", XACCT | SETTINGS | BASE, XACCT, KEY_SCALAR, set_region},
    {"sts_region", XACCT | SETTINGS, 0, KEY_LIST, set_sts_regions},
    {"timeout", XACCT, 0, KEY_SCALAR, set_timeout},
    {"sts_endpoint", XACCT, 0, KEY_SCALAR, set_sts_endpoint},
    {"console_endpoint", XACCT, 0, KEY_SCALAR, set_console_endpoint},
    {"fips", XACCT, 0, KEY_SCALAR, set_fips},
    {"dual_stack", XACCT, 0, KEY_SCALAR, set_dual_stack},
    {"proxy", XACCT, 0, KEY_SCALAR, set_proxy},
    {"ca_bundle", XACCT, 0, KEY_SCALAR, set_ca_bundle},
    {"minimum_uid", XACCT, 0, KEY_SCALAR, set_minimum_uid},
    {"audit", XACCT, 0, KEY_SCALAR, set_audit},
    {"audit_syslog", XACCT, 0, KEY_SCALAR, set_audit_syslog},
    {"sessions", XACCT, 0, KEY_SCALAR, set_sessions},
    {"session_max", XACCT, 0, KEY_SCALAR, set_session_max},
    {"identity", XACCT, 0, KEY_LIST, set_identity},
    {"state", XACCT, 0, KEY_SCALAR, set_state},

    {"source", BASE, BASE, KEY_SCALAR, set_base_source},
    {"successor", BASE, 0, KEY_SCALAR, set_base_successor},
    {"source_identity", BASE, 0, KEY_SCALAR, set_base_source_identity},
    {"file", BASE, 0, KEY_SCALAR, set_base_file},
    {"profile", BASE, 0, KEY_SCALAR, set_base_profile},
    {"endpoint", BASE, 0, KEY_SCALAR, set_base_endpoint},
    {"ipv6", BASE, 0, KEY_SCALAR, set_base_ipv6},
    {"token_file", BASE, 0, KEY_SCALAR, set_base_token_file},
    {"role_arn", BASE, 0, KEY_JOINED, set_base_role_arn},
    {"session_name", BASE, 0, KEY_SCALAR, set_base_session_name},
    {"certificate", BASE, 0, KEY_SCALAR, set_base_certificate},
    {"key", BASE, 0, KEY_JOINED, set_base_key},
    {"pkcs11_module", BASE, 0, KEY_SCALAR, set_base_pkcs11_module},
    {"pin_file", BASE, 0, KEY_SCALAR, set_base_pin_file},
    {"trust_anchor_arn", BASE, 0, KEY_SCALAR, set_base_trust_anchor_arn},
    {"profile_arn", BASE, 0, KEY_SCALAR, set_base_profile_arn},
    {"command", BASE, 0, KEY_LIST, set_base_command},

    {"key", CA, CA, KEY_JOINED, set_ca_key},
    {"identity", CA, 0, KEY_SCALAR, set_ca_identity},
    {"names", CA, CA, KEY_LIST, set_ca_names},

    {"id", ACCOUNT, ACCOUNT, KEY_SCALAR, set_account_id},
    {"account", ROLE, ROLE, KEY_SCALAR, set_role_account},
    {"name", ROLE, 0, KEY_SCALAR, set_role_name},
    {"arn", ROLE, 0, KEY_JOINED, set_role_arn},
    {"unix_group", ACCOUNT | ROLE, 0, KEY_SCALAR, set_unix_group},
    {"gid", ACCOUNT | ROLE, 0, KEY_SCALAR, set_gid},

    {"description", SETTINGS, 0, KEY_SCALAR, set_description},
    {"external_id", SETTINGS, 0, KEY_JOINED, set_external_id},
    {"session_name", XACCT | SETTINGS, 0, KEY_SCALAR, set_session_name},
    {"policy", SETTINGS, 0, KEY_SCALAR, set_session_policy},
    {"policy_arns", SETTINGS, 0, KEY_LIST, set_policy_arns},
    {"tags", SETTINGS, 0, KEY_PAIRS, set_tags},
    {"transitive_tags", SETTINGS, 0, KEY_LIST, set_transitive_tags},
    {"via", SETTINGS, 0, KEY_SCALAR, set_via},
    {"base", SETTINGS, 0, KEY_SCALAR, set_base},
    {"base_role", SETTINGS, 0, KEY_SCALAR, set_base_role},
    {"duration", XACCT | SETTINGS | BASE, 0, KEY_SCALAR, set_duration},
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

enum section_kind section_kind_find(const char *word, size_t length, enum section_name *takes)
{
    unsigned kind;

    *takes = SECTION_NAMELESS;
    for (kind = 0; kind < SECTION_KINDS; kind++)
        if (kinds[kind].word[0] == *word && strncmp(kinds[kind].word, word, length) == 0 &&
            kinds[kind].word[length] == '\0') {
            *takes = kinds[kind].takes;
            break;
        }
    return (enum section_kind)kind;
}

void section_kinds_list(char *list, size_t size)
{
    static const char *const names[] = {[SECTION_NAMELESS] = "",
                                        [SECTION_NAMED] = " NAME",
                                        [SECTION_NAMED_OR_NOT] = "] [base NAME"};
    size_t used = 0;
    unsigned kind;

    for (kind = 0; kind < SECTION_KINDS && used < size; kind++)
        used += (size_t)snprintf(list + used, size - used, "%s[%s%s]", kind > 0 ? " " : "",
                                 kinds[kind].word, names[kinds[kind].takes]);
}

bool keys_prepare(struct loader *loader)
{
    size_t i;
    unsigned kind;

    for (kind = 0; kind < SECTION_KINDS; kind++) {
        struct key_list *list = &loader->keys[kind];

        list->items = arena_alloc(&loader->scratch, COUNT_OF(keys), sizeof(const struct key *));
        list->required = arena_alloc(&loader->scratch, COUNT_OF(keys), sizeof(const struct key *));
        if (list->items == NULL || list->required == NULL)
            return false;
        for (i = 0; i < COUNT_OF(keys); i++) {
            if ((keys[i].sections & (1U << kind)) != 0)
                list->items[list->count++] = &keys[i];
            if ((keys[i].required & (1U << kind)) != 0)
                list->required[list->required_count++] = &keys[i];
        }
    }
    return true;
}

size_t keys_most(const struct loader *loader)
{
    size_t most = 0;
    unsigned kind;

    for (kind = 0; kind < SECTION_KINDS; kind++)
        if (loader->keys[kind].count > most)
            most = loader->keys[kind].count;
    return most;
}

const struct key *key_find(const struct loader *loader, enum section_kind kind, const char *name)
{
    const struct key_list *list = &loader->keys[kind];
    size_t i;

    for (i = 0; i < list->count; i++)
        if (list->items[i]->name[0] == name[0] && strcmp(list->items[i]->name, name) == 0)
            return list->items[i];
    return NULL;
}

void key_unknown(struct loader *loader, const struct section *section, struct position at,
                 const char *name)
{
    const struct key_list *list = &loader->keys[section->kind];
    char known[512];
    size_t used = 0, i;

    for (i = 0; i < list->count && used < sizeof known; i++)
        used += (size_t)snprintf(known + used, sizeof known - used, " %s", list->items[i]->name);
    loader_error(loader, at, "unknown key \"%s\" in [%s]; known here are%s", name, section->title,
                 known);
}

/* Whether the section has an entry of this key. */
static bool has(const struct section *section, const struct key *key)
{
    size_t i;

    for (i = 0; i < section->entry_count; i++)
        if (section->entries[i].key == key)
            return true;
    return false;
}

void keys_apply(struct loader *loader, struct target *target)
{
    const struct section *section = target->section;
    const struct key_list *list = &loader->keys[section->kind];
    size_t i;

    for (i = 0; i < section->entry_count; i++)
        if (section->entries[i].value_count > 0)
            section->entries[i].key->set(loader, target, &section->entries[i]);
    for (i = 0; i < list->required_count && !section->damaged; i++)
        if (!has(section, list->required[i]))
            loader_error(loader, section->at, "[%s] lacks the key %s, which it must have",
                         section->title, list->required[i]->name);
    if (kinds[section->kind].finish != NULL)
        kinds[section->kind].finish(loader, target);
}
