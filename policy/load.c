/*
 * From a file to a policy: its sections, kind by kind, handed to the keys that understand them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/load.h"

#include <stdlib.h>
#include <string.h>

#include "policy/files.h"
#include "policy/keys.h"
#include "policy/zone.h"

/* Makes room for as many accounts, roles, denies and grants as there are sections of them. */
static bool make_room(struct policy *policy, const struct sections *sections)
{
    struct arena *memory = &policy->memory;
    const size_t *count = sections->count;

    policy->accounts = arena_alloc(memory, count[SECTION_ACCOUNT], sizeof *policy->accounts);
    policy->roles = arena_alloc(memory, count[SECTION_ROLE], sizeof *policy->roles);
    policy->denies = arena_alloc(memory, count[SECTION_DENY], sizeof *policy->denies);
    policy->grants = arena_alloc(memory, count[SECTION_GRANT], sizeof *policy->grants);
    return !memory->exhausted;
}

/* The next account, role, deny or grant of the policy, named and placed as its section is. */
static void begin(struct policy *policy, const struct section *section, struct target *target)
{
    switch (section->kind) {
    case SECTION_ACCOUNT:
        target->account = &policy->accounts[policy->account_count++];
        target->account->name = section->name;
        target->account->at = section->at;
        target->settings = &target->account->settings;
        break;
    case SECTION_ROLE:
        target->role = &policy->roles[policy->role_count++];
        target->role->name = section->name;
        target->role->at = section->at;
        target->settings = &target->role->settings;
        break;
    case SECTION_DENY:
        target->deny = &policy->denies[policy->deny_count++];
        target->deny->name = section->name;
        target->deny->at = section->at;
        target->who = &target->deny->who;
        break;
    case SECTION_GRANT:
        target->grant = &policy->grants[policy->grant_count++];
        target->grant->name = section->name;
        target->grant->at = section->at;
        target->who = &target->grant->who;
        break;
    case SECTION_XACCT:
    case SECTION_BASE:
    case SECTION_KINDS:
        break;
    }
}

/* Understands one section. What it is called can be found by those that come after it. */
static void understand(struct loader *loader, const struct section *section)
{
    struct policy *policy = loader->policy;
    struct target target = {.section = section};

    if (section->kind == SECTION_XACCT)
        target.settings = &loader->defaults;
    begin(policy, section, &target);
    if (target.settings != NULL)
        target.settings->source_identity = UNSET;
    if (target.account != NULL && index_add(&policy->accounts_by_name, target.account) == NULL)
        policy->memory.exhausted = true;
    if (target.role != NULL && index_add(&policy->roles_by_name, target.role) == NULL)
        policy->memory.exhausted = true;
    keys_apply(loader, &target);
}

/* Builds the loader's policy from the text of its first file. */
static void build(struct loader *loader, const struct policy_file *file)
{
    static const enum section_kind required[] = {SECTION_XACCT, SECTION_BASE};
    static const char *const purposes[] = {"[xacct] with the key region",
                                           "[base] with the keys source and file"};
    struct position whole = {.file = file->path, .line = 0};
    const char *bytes = file->bytes;
    struct sections sections;
    const struct section *section;
    unsigned kind;
    size_t i;

    sections_read(loader, file->path, bytes, file->length, &sections);
    for (i = 0; i < sizeof required / sizeof *required; i++)
        if (sections.count[required[i]] == 0)
            loader_error(loader, whole, "there is no section %s", purposes[i]);
    loader->defaults.source_identity = UNSET;
    if (!make_room(loader->policy, &sections))
        return;
    for (kind = 0; kind < SECTION_KINDS; kind++) {
        for (section = sections.first[kind]; section != NULL; section = section->next)
            understand(loader, section);
        if (kind == SECTION_DENY)
            loader->policy->deny_group_count = loader->policy->groups.count;
    }
    finish_dates(loader);
}

/*
 * Reads a policy from `length` bytes at `text`, or, where that is NULL, from the file at `path`.
 */
static struct policy *load(const char *path, const char *text, size_t length,
                           const struct trust *trust, struct policy_errors *errors)
{
    struct loader loader = {.errors = errors, .trust = trust, .path = path};
    struct position nowhere = {.file = path, .line = 0};
    const struct policy_file *file = NULL;
    bool exhausted = true;
    char *own_path;

    memset(errors, 0, sizeof *errors);
    loader.policy = calloc(1, sizeof *loader.policy);
    if (loader.policy == NULL || zone_prepare() != 0)
        goto done;
    own_path = arena_text(&loader.policy->memory, path, strlen(path));
    if (own_path != NULL)
        file = text != NULL ? files_add(&loader, own_path, text, length)
                            : files_read(&loader, nowhere, own_path, trust->largest);
    if (file != NULL)
        build(&loader, file);
    exhausted = loader.policy->memory.exhausted || loader.scratch.exhausted;

done:
    index_free(&loader.groups);
    index_free(&loader.session_policies);
    index_free(&loader.account_ids);
    arena_free(&loader.scratch);
    if (exhausted || errors->count > 0) {
        policy_free(loader.policy);
        loader.policy = NULL;
    }
    if (exhausted)
        loader_error(&loader, nowhere, "out of memory while reading the policy");
    arena_free(&loader.scratch);
    loader_sort_errors(errors);
    return loader.policy;
}

struct policy *policy_load(const char *path, const struct trust *trust,
                           struct policy_errors *errors)
{
    return load(path, NULL, 0, trust, errors);
}

struct policy *policy_parse(const char *path, const char *text, size_t length,
                            const struct trust *trust, struct policy_errors *errors)
{
    return load(path, text, length, trust, errors);
}
