/*
 * Keys of [xacct] and [base]: what holds for the whole host.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "policy/arn.h"
#include "policy/keys.h"
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

    if (value_is_endpoint(text))
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

/* Sets *path to the value if it is an absolute path. */
static void set_path(struct loader *loader, char **path, const struct entry *entry)
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
    set_path(loader, &loader->policy->ca_bundle, entry);
}

void set_audit(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)target;
    set_path(loader, &loader->policy->audit, entry);
}

void set_sessions(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)target;
    set_path(loader, &loader->policy->sessions, entry);
}

void set_state(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)target;
    set_path(loader, &loader->policy->state, entry);
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
    static const char *const names[IDENTITY_SOURCES] = {
        [IDENTITY_CERTIFICATE] = "certificate",
        [IDENTITY_LOGINUID] = "loginuid",
        [IDENTITY_USER] = "user",
    };
    struct policy *policy = loader->policy;
    unsigned seen = 0;
    size_t i;

    (void)target;
    for (i = 0; i < entry->value_count; i++) {
        const struct value *value = &entry->values[i];
        unsigned source = 0;

        while (source < IDENTITY_SOURCES && strcmp(names[source], value->text) != 0)
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

void finish_xacct(struct loader *loader, struct target *target)
{
    struct policy *policy = loader->policy;

    (void)target;
    policy->region = policy->defaults.region;
    if (policy->region != NULL)
        policy->partition = arn_region_partition(policy->region);
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

void set_base_source(struct loader *loader, struct target *target, const struct entry *entry)
{
    static const struct {
        const char *name;
        enum base_source source;
    } sources[] = {{"file", BASE_FILE}};
    const char *text = entry->values[0].text;
    size_t i;

    (void)target;
    for (i = 0; i < sizeof sources / sizeof *sources; i++)
        if (strcmp(sources[i].name, text) == 0) {
            loader->policy->base.source = sources[i].source;
            return;
        }
    loader_error(loader, entry->at, "source = %s is not known; known is file", text);
}

void set_base_file(struct loader *loader, struct target *target, const struct entry *entry)
{
    (void)target;
    set_path(loader, &loader->policy->base.file, entry);
}

void set_base_profile(struct loader *loader, struct target *target, const struct entry *entry)
{
    char *text = entry->values[0].text;

    (void)target;
    if (strpbrk(text, "[]#;") == NULL)
        loader->policy->base.profile = text;
    else
        loader_error(loader, entry->at,
                     "profile = %s: write the name of a section of the credentials file, without "
                     "its brackets",
                     text);
}

void finish_base(struct loader *loader, struct target *target)
{
    struct base *base = &loader->policy->base;

    base->at = target->section->at;
    if (base->profile == NULL)
        base->profile = keep(loader, "default");
}
