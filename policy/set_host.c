/*
 * Keys of [xacct]: what holds for the whole host.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "policy/keys.h"
#include "policy/partition.h"
#include "policy/url.h"
#include "policy/values.h"

#define MINIMUM_UID_DEFAULT 1000

static const enum identity_source identity_default[IDENTITY_SOURCES] = {
    IDENTITY_CERTIFICATE, IDENTITY_LOGINUID, IDENTITY_USER};

void set_timeout(struct loader *loader, struct target *target, const struct entry *entry)
{
    static const struct unit units[] = {{"ms", 1}, {"s", 1000}, {NULL, 0}};
    const char *text = entry->values[0].text;
    long ms;

    (void)target;
    if (value_number(text, units, 100, 60000, &ms))
        loader->policy->timeout_ms = (int)ms;
    else
        loader_error(loader, entry->at, "timeout = %s: write 5s or 800ms, from 100ms to 60s", text);
}

/* Sets *endpoint to the value if it is the address of a server. */
static void set_endpoint(struct loader *loader, char **endpoint, const struct entry *entry)
{
    char *text = entry->values[0].text;

    if (url_is_endpoint(text))
        *endpoint = text;
    else
        loader_error(loader, entry->at,
                     "%s = %s: write https://HOST or https://HOST:PORT, and nothing behind it "
                     "(http:// is for loopback alone, as keys pass there)",
                     entry->key->name, text);
}

void set_sts_endpoint(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)target;
    set_endpoint(loader, &loader->policy->sts_endpoint, entry);
}

void set_console_endpoint(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)target;
    set_endpoint(loader, &loader->policy->console_endpoint, entry);
}

void set_proxy(struct loader *loader, struct target *target, const struct entry *entry)
{
    char *text = entry->values[0].text;
    struct url url;

    (void)target;
    if (url_parse(text, &url) && url_is_bare(&url))
        loader->policy->proxy = text;
    else
        /* The value may hold a password, so it is not shown. */
        loader_error(loader, entry->at,
                     "proxy: write http://HOST:PORT or https://HOST:PORT, with USER:PASSWORD@ "
                     "before the host where it asks for them");
}

enum tristate key_yes_or_no(struct loader *loader, const struct entry *entry)
{
    const char *text = entry->values[0].text;

    if (strcmp(text, "yes") == 0)
        return YES;
    if (strcmp(text, "no") == 0)
        return NO;
    loader_error(loader, entry->at, "%s = %s: write yes or no", entry->key->name, text);
    return UNSET;
}

void set_fips(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)target;
    loader->policy->fips = key_yes_or_no(loader, entry) == YES;
}

void set_dual_stack(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)target;
    loader->policy->dual_stack = key_yes_or_no(loader, entry) == YES;
}

void key_check_dual_stack(struct loader *loader, struct position at, const char *region)
{
    const struct partition *partition = partition_of_region(region);

    if (loader->policy->dual_stack && partition != NULL && partition->dual_stack == NULL)
        loader_error(
            loader, at,
            "dual_stack = yes in [xacct], but the partition %s of %s has no such endpoints",
            partition->name, region);
}

void key_set_path(struct loader *loader, char **path, const struct entry *entry)
{
    char *text = entry->values[0].text;

    if (value_is_path(text))
        *path = text;
    else
        loader_error(loader, entry->at,
                     "%s = %s: write an absolute path, without . or .. or a / at its end",
                     entry->key->name, text);
}

void set_ca_bundle(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)target;
    key_set_path(loader, &loader->policy->ca_bundle, entry);
}

void set_audit(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)target;
    key_set_path(loader, &loader->policy->audit, entry);
}

void set_audit_syslog(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)target;
    loader->policy->audit_file_alone = key_yes_or_no(loader, entry) == NO;
}

void set_sessions(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)target;
    key_set_path(loader, &loader->policy->sessions, entry);
}

void set_state(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)target;
    key_set_path(loader, &loader->policy->state, entry);
}

void set_session_max(struct loader *loader, struct target *target, const struct entry *entry)
{
    const char *text = entry->values[0].text;
    long seconds;

    (void)target;
    if (value_number(text, value_time_units, 15L * 60, 30L * 24 * 60 * 60, &seconds))
        loader->policy->session_max = (int)seconds;
    else
        loader_error(loader, entry->at, "session_max = %s: write 12h or 2d, from 15m to 30d", text);
}

void set_minimum_uid(struct loader *loader, struct target *target, const struct entry *entry)
{
    static const struct unit no_unit[] = {{"", 1}, {NULL, 0}};
    const char *text = entry->values[0].text;
    long uid;

    (void)target;
    /* The largest 32-bit number is no uid but chown(2)'s "leave it". */
    if (value_number(text, no_unit, 1, 0xfffffffeL, &uid))
        loader->policy->minimum_uid = (uid_t)uid;
    else
        loader_error(loader, entry->at, "minimum_uid = %s: write a number from 1 to 4294967294",
                     text);
}

void set_identity(struct loader *loader, struct target *target, const struct entry *entry)
{
    struct policy *policy = loader->policy;
    unsigned seen = 0;
    size_t i;

    (void)target;
    for (i = 0; i < entry->value_count; i++) {
        const struct value *value = &entry->values[i];
        unsigned source = 0;

        while (source < IDENTITY_SOURCES && strcmp(identity_source_names[source], value->text) != 0)
            source++;
        if (source == IDENTITY_SOURCES)
            loader_error(loader, value->at,
                         "identity: %s is not known; known are certificate, loginuid and user",
                         value->text);
        else if ((seen & (1U << source)) != 0)
            loader_error(loader, value->at, "identity: %s stands there twice", value->text);
        else {
            seen |= 1U << source;
            policy->identity[policy->identity_count++] = (enum identity_source)source;
        }
    }
}

/* A text in the policy's memory. */
static char *keep(struct loader *loader, const char *text)
{
    return arena_text(&loader->policy->memory, text, strlen(text));
}

/* The host's region and the regions whose STS is asked unless a role says otherwise. */
static void finish_region(struct loader *loader, const struct section *section)
{
    struct policy *policy = loader->policy;
    struct texts *asked = &policy->defaults.sts_regions;

    policy->region = policy->defaults.region;
    if (policy->region == NULL)
        return;
    key_check_dual_stack(loader, section_position(section, "dual_stack"), policy->region);
    if (asked->count == 0) {
        asked->items = arena_alloc(&policy->memory, 1, sizeof *asked->items);
        if (asked->items != NULL)
            asked->items[asked->count++] = policy->region;
    } else if (!partition_is_shared(asked->items[0], policy->region)) {
        loader_error(loader, section_position(section, "sts_region"),
                     "sts_region = %s is in another partition than region = %s; say it in the "
                     "[account]s or [role]s that are there",
                     asked->items[0], policy->region);
    }
}

/* What chooses among AWS's endpoints has no sense beside one that takes their place. */
static void finish_endpoint(struct loader *loader, const struct section *section)
{
    static const char *const choices[] = {"fips", "dual_stack"};
    const bool chosen[] = {loader->policy->fips, loader->policy->dual_stack};
    size_t i;

    for (i = 0; i < sizeof choices / sizeof *choices; i++)
        if (loader->policy->sts_endpoint != NULL && chosen[i])
            loader_error(loader, section_position(section, choices[i]),
                         "%s = yes chooses among AWS's endpoints, and sts_endpoint takes their "
                         "place; keep one",
                         choices[i]);
}

void finish_xacct(struct loader *loader, struct target *target)
{
    struct policy *policy = loader->policy;

    finish_region(loader, target->section);
    finish_endpoint(loader, target->section);
    policy->defaults.via = VIA_HOST;
    if (policy->defaults.source_identity == UNSET)
        policy->defaults.source_identity = YES;
    if (policy->defaults.deliver == DELIVER_UNSET)
        policy->defaults.deliver = DELIVER_ENV;
    if (policy->audit == NULL)
        policy->audit = keep(loader, POLICY_DEFAULT_AUDIT);
    if (policy->sessions == NULL)
        policy->sessions = keep(loader, POLICY_DEFAULT_SESSIONS);
    if (policy->state == NULL)
        policy->state = keep(loader, POLICY_DEFAULT_STATE);
    if (policy->minimum_uid == 0)
        policy->minimum_uid = MINIMUM_UID_DEFAULT;
    if (policy->identity_count == 0) {
        memcpy(policy->identity, identity_default, sizeof identity_default);
        policy->identity_count = IDENTITY_SOURCES;
    }
}
