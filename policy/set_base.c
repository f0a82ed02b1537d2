/*
 * Keys of [base] and [base NAME]: whose credentials this host has, and which keys their source
 * takes. What the values mean together is in check_base.c.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "policy/arn.h"
#include "policy/check_base.h"
#include "policy/keys.h"
#include "policy/values.h"

#define FROM(source) (1U << (source))

enum {
    A_FILE = FROM(BASE_FILE),
    IMDS = FROM(BASE_IMDS),
    CONTAINER = FROM(BASE_CONTAINER),
    WEB_IDENTITY = FROM(BASE_WEB_IDENTITY),
    ROLES_ANYWHERE = FROM(BASE_ROLES_ANYWHERE),
    PROCESS = FROM(BASE_PROCESS),
    ROLES = WEB_IDENTITY | ROLES_ANYWHERE,
};

/* Which sources take a key that not all take, and which cannot be without it. */
static const struct {
    const char *key;
    unsigned takes;
    unsigned required;
} uses[] = {
    {"file", A_FILE, A_FILE},
    {"profile", A_FILE, 0},
    {"endpoint", IMDS | CONTAINER | ROLES_ANYWHERE, CONTAINER},
    {"ipv6", IMDS, 0},
    {"token_file", CONTAINER | WEB_IDENTITY, WEB_IDENTITY},
    {"role_arn", ROLES, ROLES},
    {"session_name", ROLES, 0},
    {"duration", ROLES, 0},
    {"certificate", ROLES_ANYWHERE, ROLES_ANYWHERE},
    {"key", ROLES_ANYWHERE, ROLES_ANYWHERE},
    {"pkcs11_module", ROLES_ANYWHERE, 0},
    {"pin_file", ROLES_ANYWHERE, 0},
    {"trust_anchor_arn", ROLES_ANYWHERE, ROLES_ANYWHERE},
    {"profile_arn", ROLES_ANYWHERE, ROLES_ANYWHERE},
    {"command", PROCESS, PROCESS},
};

/* The source of this name, or BASE_SOURCES. */
static enum base_source find_source(const char *name)
{
    unsigned source = 0;

    while (source < BASE_SOURCES && strcmp(base_source_names[source], name) != 0)
        source++;
    return (enum base_source)source;
}

/* The names of these sources, in the loader's scratch memory. */
static const char *list_sources(struct loader *loader, unsigned which)
{
    const char *list = "";
    unsigned source;

    for (source = 0; list != NULL && source < BASE_SOURCES; source++)
        if ((which & FROM(source)) != 0)
            list = arena_format(&loader->scratch, "%s%s%s", list, *list != '\0' ? " or " : "",
                                base_source_names[source]);
    return list != NULL ? list : "";
}

void set_base_source(struct loader *loader, struct target *target, const struct entry *entry)
{
    const char *text = entry->values[0].text;
    enum base_source source = find_source(text);

    if (source != BASE_SOURCES)
        target->base->source = source;
    else
        loader_error(loader, entry->at, "source = %s is not known; write %s", text,
                     list_sources(loader, FROM(BASE_SOURCES) - 1));
}

void set_base_successor(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)loader;
    target->base->successor_name = entry->values[0].text;
    target->base->successor_at = entry->at;
}

void set_base_source_identity(struct loader *loader, struct target *target,
                              const struct entry *entry)
{
    const char *text = entry->values[0].text;

    if (strcmp(text, "fixed") == 0)
        target->base->source_identity_fixed = true;
    else
        loader_error(loader, entry->at,
                     "source_identity = %s: a base takes fixed, where its sessions have a source "
                     "identity already; whether one is sent is said in [xacct], [account] or "
                     "[role]",
                     text);
}

void set_base_file(struct loader *loader, struct target *target, const struct entry *entry)
{
    key_set_path(loader, &target->base->file, entry);
}

void set_base_profile(struct loader *loader, struct target *target, const struct entry *entry)
{
    char *text = entry->values[0].text;

    if (strpbrk(text, "[]#;") == NULL)
        target->base->profile = text;
    else
        loader_error(loader, entry->at,
                     "profile = %s: write the name of a section of the credentials file, without "
                     "its brackets",
                     text);
}

void set_base_endpoint(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)loader;
    target->base->endpoint = entry->values[0].text;
}

void set_base_ipv6(struct loader *loader, struct target *target, const struct entry *entry)
{
    target->base->ipv6 = key_yes_or_no(loader, entry) == YES;
}

void set_base_token_file(struct loader *loader, struct target *target, const struct entry *entry)
{
    key_set_path(loader, &target->base->token_file, entry);
}

void set_base_role_arn(struct loader *loader, struct target *target, const struct entry *entry)
{
    char *text = entry_text(loader, entry);
    struct arn arn;

    if (text == NULL)
        return;
    if (strlen(text) <= ROLE_ARN_LONGEST && strstr(text, "%{") == NULL && arn_parse(text, &arn) &&
        arn_has_account_id(&arn) && strncmp(arn.resource, "role/", 5) == 0 &&
        arn_role_path_fault(arn.resource + 5) == NULL)
        target->base->role_arn = text;
    else
        loader_error(loader, entry->at,
                     "role_arn = %s: write arn:aws:iam::111122223333:role/NAME, without templates",
                     text);
}

void set_base_session_name(struct loader *loader, struct target *target, const struct entry *entry)
{
    char *text = entry->values[0].text;

    if (value_is_of(text, VALUE_NAME_BYTES, 2, 64))
        target->base->session_name = text;
    else
        loader_error(loader, entry->at,
                     "session_name = %s: STS takes 2 to 64 letters, digits and _+=,.@-; that of a "
                     "base has no templates",
                     text);
}

void set_base_certificate(struct loader *loader, struct target *target, const struct entry *entry)
{
    key_set_path(loader, &target->base->certificate, entry);
}

void set_base_key(struct loader *loader, struct target *target, const struct entry *entry)
{
    char *text = entry_text(loader, entry);

    if (text == NULL)
        return;
    if (value_is_path(text) || base_key_is_pkcs11(text))
        target->base->key = text;
    else
        loader_error(loader, entry->at,
                     "key: write the absolute path of a PEM file, or a pkcs11: URI (RFC 7512)");
}

void set_base_pkcs11_module(struct loader *loader, struct target *target, const struct entry *entry)
{
    key_set_path(loader, &target->base->pkcs11_module, entry);
}

void set_base_pin_file(struct loader *loader, struct target *target, const struct entry *entry)
{
    key_set_path(loader, &target->base->pin_file, entry);
}

void set_base_trust_anchor_arn(struct loader *loader, struct target *target,
                               const struct entry *entry)
{
    (void)loader;
    target->base->trust_anchor_arn = entry->values[0].text;
}

void set_base_profile_arn(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)loader;
    target->base->profile_arn = entry->values[0].text;
}

void set_base_command(struct loader *loader, struct target *target, const struct entry *entry)
{
    struct texts *command = &target->base->command;

    if (!value_is_path(entry->values[0].text)) {
        loader_error(loader, entry->at,
                     "command = %s: write the absolute path of a program, then its arguments",
                     entry->values[0].text);
        return;
    }
    command->items = values_room(loader, entry);
    for (; command->items != NULL && command->count < entry->value_count; command->count++)
        command->items[command->count] = entry->values[command->count].text;
}

/* Holds the section's keys against what its source takes and requires. */
static void check_uses(struct loader *loader, const struct section *section,
                       enum base_source source)
{
    size_t i;

    for (i = 0; i < sizeof uses / sizeof *uses; i++) {
        const struct entry *entry = section_entry(section, uses[i].key);

        if (entry != NULL && (uses[i].takes & FROM(source)) == 0)
            loader_error(loader, entry->at, "%s in [%s] is for source = %s, and its source is %s",
                         uses[i].key, section->title, list_sources(loader, uses[i].takes),
                         base_source_names[source]);
        else if (entry == NULL && (uses[i].required & FROM(source)) != 0 && !section->damaged)
            loader_error(loader, section->at, "[%s] lacks the key %s, which source = %s must have",
                         section->title, uses[i].key, base_source_names[source]);
    }
}

void finish_base(struct loader *loader, struct target *target)
{
    const struct entry *source = section_entry(target->section, "source");
    struct base *base = target->base;

    if (source != NULL && source->value_count > 0 &&
        find_source(source->values[0].text) == base->source) {
        check_uses(loader, target->section, base->source);
        check_base(loader, target->section, base);
    }
    if (base->region == NULL)
        base->region = loader->policy->region;
    if (base->source == BASE_FILE && base->profile == NULL)
        base->profile = arena_text(&loader->policy->memory, "default", strlen("default"));
}
