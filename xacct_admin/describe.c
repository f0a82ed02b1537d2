/*
 * One function a kind of thing. Values go through one scratch text into the arena.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/describe.h"

#include "xacct_admin/words.h"

#define KEYS_MOST 24 /* of one thing */

/* One list of descriptions on its way. */
struct describing {
    struct arena *memory;
    struct descriptions *list;
    struct text scratch;
};

/* Begins a description, which is added as it is filled. NULL without memory. */
static struct description *begin(struct describing *describing, const char *kind, const char *name,
                                 struct position at)
{
    struct descriptions *list = describing->list;
    struct description *items =
        arena_grow(describing->memory, list->items, list->count, sizeof *items);

    if (items == NULL)
        return NULL;
    list->items = items;
    items += list->count;
    *items = (struct description){.kind = kind, .name = name, .at = at};
    items->keys = arena_alloc(describing->memory, KEYS_MOST, sizeof *items->keys);
    if (items->keys == NULL)
        return NULL;
    list->count++;
    return items;
}

static struct described_key *add(struct description *thing, const char *name, const char *value)
{
    struct described_key *key = &thing->keys[thing->count++];

    *key = (struct described_key){.name = name, .value = value};
    return key;
}

/* Takes what the scratch holds. NULL where that is nothing. */
static const char *taken(struct describing *describing)
{
    struct text *scratch = &describing->scratch;
    const char *value = NULL;

    if (scratch->failed)
        describing->memory->exhausted = true;
    else if (scratch->length > 0)
        value = arena_text(describing->memory, scratch->bytes, scratch->length);
    scratch->length = 0;
    return value;
}

static void add_taken(struct describing *describing, struct description *thing, const char *name)
{
    add(thing, name, taken(describing));
}

static void add_list(struct describing *describing, struct description *thing, const char *name,
                     const struct texts *list)
{
    words_add_list(&describing->scratch, list);
    add_taken(describing, thing, name);
}

/* The same for a list whose order means something. */
static void add_in_order(struct describing *describing, struct description *thing, const char *name,
                         const struct texts *list)
{
    size_t i;

    for (i = 0; i < list->count; i++)
        text_addf(&describing->scratch, "%s%s", i > 0 ? " " : "", list->items[i]);
    add_taken(describing, thing, name);
}

static void add_duration(struct describing *describing, struct description *thing, const char *name,
                         int seconds)
{
    if (seconds > 0)
        words_add_duration(&describing->scratch, seconds);
    add_taken(describing, thing, name);
}

static void add_tags(struct describing *describing, struct description *thing,
                     const struct tags *tags)
{
    struct arena *memory = describing->memory;
    struct texts list = {arena_alloc(memory, tags->count + 1, sizeof(char *)), 0};

    for (; list.items != NULL && list.count < tags->count; list.count++) {
        const struct tag *tag = &tags->items[list.count];

        list.items[list.count] = arena_format(memory, "%s=%s", tag->key, tag->value);
        if (list.items[list.count] == NULL)
            return;
    }
    add_list(describing, thing, "tags", &list);
}

static void add_settings(struct describing *describing, struct description *thing,
                         const struct role_settings *settings)
{
    static const char *const deliveries[] = {
        [DELIVER_UNSET] = NULL, [DELIVER_ENV] = "env", [DELIVER_PROCESS] = "process"};

    add(thing, "description", settings->description);
    add(thing, "external_id", settings->external_id)->is_long = true;
    add(thing, "region", settings->region);
    add_in_order(describing, thing, "sts_region", &settings->sts_regions);
    add(thing, "via", via_names[settings->via]);
    add(thing, "base",
        settings->base == NULL            ? NULL
        : settings->base->name[0] == '\0' ? "[base]"
                                          : settings->base->name);
    add(thing, "base_role", settings->base_role_name);
    add(thing, "session_name", settings->session_name);
    add(thing, "policy", settings->session_policy)->is_long = true;
    add_list(describing, thing, "policy_arns", &settings->policy_arns);
    add_tags(describing, thing, &settings->tags);
    add_list(describing, thing, "transitive_tags", &settings->transitive_tags);
    add_duration(describing, thing, "duration", settings->duration);
    add_duration(describing, thing, "min_life", settings->min_life);
    add(thing, "deliver", deliveries[settings->deliver]);
    add(thing, "source_identity",
        settings->source_identity == UNSET ? NULL
        : settings->source_identity == YES ? "yes"
                                           : "no");
}

static void add_unix_group(struct describing *describing, struct description *thing,
                           const struct unix_group *group)
{
    add(thing, "unix_group", group != NULL ? group->name : NULL);
    if (group != NULL)
        text_addf(&describing->scratch, "%u", (unsigned)group->gid);
    add_taken(describing, thing, "gid");
}

void describe_accounts(const struct policy *policy, struct arena *memory, struct descriptions *list)
{
    struct describing describing = {memory, list, TEXT_EMPTY};
    size_t i;

    for (i = 0; i < policy->account_count; i++) {
        const struct account *account = &policy->accounts[i];
        struct description *thing = begin(&describing, "account", account->name, account->at);

        if (thing == NULL)
            break;
        thing->summary = account->id;
        add(thing, "id", account->id);
        add_unix_group(&describing, thing, account->unix_group);
        add_settings(&describing, thing, &account->settings);
    }
    text_free(&describing.scratch);
}

void describe_roles(const struct policy *policy, struct arena *memory, struct descriptions *list)
{
    struct describing describing = {memory, list, TEXT_EMPTY};
    size_t i;

    for (i = 0; i < policy->role_count; i++) {
        const struct role *role = &policy->roles[i];
        struct description *thing = begin(&describing, "role", role->name, role->at);

        if (thing == NULL)
            break;
        thing->summary = role->arn;
        add(thing, "arn", role->arn);
        add(thing, "account", role->account->name);
        add_unix_group(&describing, thing, role->unix_group);
        add_settings(&describing, thing, &role->settings);
    }
    text_free(&describing.scratch);
}

void describe_patterns(const struct policy *policy, struct arena *memory, struct descriptions *list)
{
    struct describing describing = {memory, list, TEXT_EMPTY};
    size_t i;

    for (i = 0; i < policy->pattern_count; i++) {
        const struct pattern *pattern = &policy->patterns[i];
        struct description *thing =
            begin(&describing, "pattern", pattern->rule.name, pattern->rule.at);

        if (thing == NULL)
            break;
        thing->summary = pattern->groups;
        add(thing, "groups", pattern->groups);
        add(thing, "name", pattern->path);
        add(thing, "case", pattern->exact ? "exact" : "fold");
        words_add_conditions(&describing.scratch, &pattern->rule);
        add_taken(&describing, thing, "conditions");
        add_settings(&describing, thing, &pattern->settings);
    }
    text_free(&describing.scratch);
}

void describe_cas(const struct policy *policy, struct arena *memory, struct descriptions *list)
{
    struct describing describing = {memory, list, TEXT_EMPTY};
    size_t i, j;

    for (i = 0; i < policy->ca_count; i++) {
        const struct ca *ca = &policy->cas[i];
        struct description *thing = begin(&describing, "ca", ca->name, ca->at);

        if (thing == NULL)
            break;
        for (j = 0; j < ca->key_length; j++)
            text_addf(&describing.scratch, "%02x", ca->key[j]);
        add(thing, "key", taken(&describing))->is_long = true;
        add(thing, "identity", ca->identity == CA_IDENTITY_KEY_ID ? "key-id" : "principal");
        add_list(&describing, thing, "names", &ca->names);
        thing->summary = thing->keys[thing->count - 1].value;
    }
    text_free(&describing.scratch);
}

static void add_identity(struct describing *describing, struct description *thing,
                         const struct policy *policy)
{
    size_t i;

    for (i = 0; i < policy->identity_count; i++)
        text_addf(&describing->scratch, "%s%s", i > 0 ? " " : "",
                  identity_source_names[policy->identity[i]]);
    add_taken(describing, thing, "identity");
}

static void add_base(struct describing *describing, struct description *thing,
                     const struct base *base)
{
    thing->summary = base_source_names[base->source];
    add(thing, "source", base_source_names[base->source]);
    add(thing, "successor", base->successor_name);
    add(thing, "source_identity", base->source_identity_fixed ? "fixed" : NULL);
    add(thing, "region", base->region);
    add(thing, "file", base->file);
    add(thing, "profile", base->profile);
    add(thing, "endpoint", base->endpoint);
    add(thing, "ipv6", base->ipv6 ? "yes" : NULL);
    add(thing, "token_file", base->token_file);
    add(thing, "role_arn", base->role_arn);
    add(thing, "session_name", base->session_name);
    add_duration(describing, thing, "duration", base->duration);
    add(thing, "certificate", base->certificate);
    add(thing, "key", base->key);
    add(thing, "pkcs11_module", base->pkcs11_module);
    add(thing, "pin_file", base->pin_file);
    add(thing, "trust_anchor_arn", base->trust_anchor_arn);
    add(thing, "profile_arn", base->profile_arn);
    add_in_order(describing, thing, "command", &base->command);
}

void describe_bases(const struct policy *policy, struct arena *memory, struct descriptions *list)
{
    struct describing describing = {memory, list, TEXT_EMPTY};
    size_t i;

    for (i = 0; i < policy->base_count; i++) {
        const struct base *base = &policy->bases[i];
        struct description *thing;

        if (base == policy->base)
            continue;
        thing = begin(&describing, "base", base->name, base->at);
        if (thing == NULL)
            break;
        add_base(&describing, thing, base);
    }
    text_free(&describing.scratch);
}

void describe_host(const struct policy *policy, struct arena *memory, struct descriptions *list)
{
    struct describing describing = {memory, list, TEXT_EMPTY};
    struct position whole = {policy->files[0].path, 0};
    struct description *thing = begin(&describing, "section", "xacct", whole);

    if (thing != NULL) {
        add(thing, "region", policy->region);
        add_identity(&describing, thing, policy);
        text_addf(&describing.scratch, "%u", (unsigned)policy->minimum_uid);
        add_taken(&describing, thing, "minimum_uid");
        if (policy->timeout_ms > 0)
            text_addf(&describing.scratch, "%d ms", policy->timeout_ms);
        add_taken(&describing, thing, "timeout");
        add_duration(&describing, thing, "session_max", policy->session_max);
        add_in_order(&describing, thing, "sts_region", &policy->defaults.sts_regions);
        add(thing, "sts_endpoint", policy->sts_endpoint);
        add(thing, "fips", policy->fips ? "yes" : "no");
        add(thing, "dual_stack", policy->dual_stack ? "yes" : "no");
        /* It may hold a password. */
        add(thing, "proxy", policy->proxy)->is_long = true;
        add(thing, "console_endpoint", policy->console_endpoint);
        add(thing, "ca_bundle", policy->ca_bundle);
        add(thing, "audit", policy->audit);
        add(thing, "audit_syslog", policy->audit_file_alone ? "no" : "yes");
        add(thing, "sessions", policy->sessions);
        add(thing, "state", policy->state);
    }
    thing = begin(&describing, "section", "base", policy->base->at);
    if (thing != NULL)
        add_base(&describing, thing, policy->base);
    text_free(&describing.scratch);
}
