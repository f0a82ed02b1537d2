/*
 * From a file to a policy: its sections, kind by kind, handed to the keys that understand them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/load.h"

#include <stdlib.h>
#include <string.h>

#include "policy/candidates.h"
#include "policy/files.h"
#include "policy/keys.h"
#include "policy/local_groups.h"
#include "policy/spelling.h"
#include "policy/zone.h"

/* Makes room for as many of each thing as there are sections of it. */
static bool make_room(struct policy *policy, const struct sections *sections)
{
    struct arena *memory = &policy->memory;
    const size_t *count = sections->count;

    policy->bases = arena_alloc(memory, count[SECTION_BASE], sizeof *policy->bases);
    policy->cas = arena_alloc(memory, count[SECTION_CA], sizeof *policy->cas);
    policy->accounts = arena_alloc(memory, count[SECTION_ACCOUNT], sizeof *policy->accounts);
    policy->roles = arena_alloc(memory, count[SECTION_ROLE], sizeof *policy->roles);
    policy->denies = arena_alloc(memory, count[SECTION_DENY], sizeof *policy->denies);
    policy->grants = arena_alloc(memory, count[SECTION_GRANT], sizeof *policy->grants);
    policy->patterns = arena_alloc(memory, count[SECTION_PATTERN], sizeof *policy->patterns);
    return !memory->exhausted;
}

/* The part of a grant or pattern that is alike. */
static void begin_rule(struct grant *rule, const struct section *section, struct target *target)
{
    target->grant = rule;
    rule->name = section->name;
    rule->title = section->title;
    rule->at = section->at;
}

/* The next thing of the policy of the section's kind, named and placed as the section is. */
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
        begin_rule(&policy->grants[policy->grant_count++], section, target);
        target->who = &target->grant->who;
        break;
    case SECTION_PATTERN:
        target->pattern = &policy->patterns[policy->pattern_count++];
        begin_rule(&target->pattern->rule, section, target);
        target->settings = &target->pattern->settings;
        break;
    case SECTION_CA:
        target->ca = &policy->cas[policy->ca_count++];
        target->ca->name = section->name;
        target->ca->at = section->at;
        break;
    case SECTION_BASE:
        target->base = &policy->bases[policy->base_count++];
        target->base->title = section->title;
        target->base->name =
            section->name != NULL ? section->name : arena_text(&policy->memory, "", 0);
        target->base->at = section->at;
        if (section->name == NULL)
            policy->base = target->base;
        break;
    case SECTION_XACCT:
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
        target.settings = &loader->policy->defaults;
    begin(policy, section, &target);
    if (target.settings != NULL)
        target.settings->source_identity = UNSET;
    if (target.account != NULL && index_add(&policy->accounts_by_name, target.account) == NULL)
        policy->memory.exhausted = true;
    if (target.role != NULL && index_add(&policy->roles_by_name, target.role) == NULL)
        policy->memory.exhausted = true;
    keys_apply(loader, &target);
}

static int compare_patterns(const void *a, const void *b)
{
    const struct pattern *left = a;
    const struct pattern *right = b;

    return strcmp(left->rule.name, right->rule.name);
}

/* Understands all sections, kind by kind. */
static void build(struct loader *loader, const struct sections *sections)
{
    struct policy *policy = loader->policy;
    const struct section *section;
    unsigned kind;

    policy->defaults.source_identity = UNSET;
    if (!make_room(policy, sections))
        return;
    for (kind = 0; kind < SECTION_KINDS; kind++) {
        for (section = sections->first[kind]; section != NULL; section = section->next)
            understand(loader, section);
        if (kind == SECTION_BASE)
            finish_bases(loader);
        if (kind == SECTION_DENY)
            policy->deny_group_count = policy->groups.count;
    }
    finish_base_roles(loader);
    finish_dates(loader);
    candidates_prepare(policy);
    /* A last good policy is one whose groups were nobody else's when it was read from disk. */
    if (!loader->in_memory)
        local_groups_check(loader);
    if (policy->pattern_count == 0)
        return;
    qsort(policy->patterns, policy->pattern_count, sizeof *policy->patterns, compare_patterns);
    spelling_prepare(policy);
}

/* Reads the sections of the configuration, then of conf.d. */
static void read_all(struct loader *loader, char *path)
{
    static const char *const required[] = {"xacct", "base"};
    static const char *const purposes[] = {"[xacct] with the key region",
                                           "[base] with the key source"};
    struct position whole = {.file = path, .line = 0};
    size_t largest = loader->trust->largest, i;
    struct sections sections = {.titles = {.memory = &loader->scratch}};
    struct texts fragments = {NULL, 0};
    const struct policy_file *file = files_read(loader, whole, path, largest);

    if (file == NULL)
        return;
    sections_read(loader, path, file->bytes, file->length, &sections);
    for (i = 0; i < sizeof required / sizeof *required; i++)
        if (index_find(&sections.titles, required[i]) == NULL)
            loader_error(loader, whole, "there is no section %s", purposes[i]);
    files_find_fragments(loader, &fragments);
    for (i = 0; i < fragments.count; i++) {
        whole.file = fragments.items[i];
        file = files_read(loader, whole, fragments.items[i], largest);
        if (file != NULL)
            sections_read(loader, file->path, file->bytes, file->length, &sections);
    }
    build(loader, &sections);
    sections_free(&sections);
}

/* Reads a policy with the loader, which says from where; `path` need not outlive the call. */
static struct policy *load(struct loader *loader, const char *path)
{
    struct position nowhere = {.file = path, .line = 0};
    bool exhausted = true;
    char *own_path;

    memset(loader->errors, 0, sizeof *loader->errors);
    loader->policy = calloc(1, sizeof *loader->policy);
    if (loader->policy == NULL || zone_prepare() != 0)
        goto done;
    own_path = arena_text(&loader->policy->memory, path, strlen(path));
    loader->path = own_path;
    if (own_path != NULL && keys_prepare(loader))
        read_all(loader, own_path);
    exhausted = loader->policy->memory.exhausted || loader->scratch.exhausted;

done:
    index_free(&loader->groups);
    index_free(&loader->session_policies);
    index_free(&loader->ca_keys);
    index_free(&loader->hours);
    index_free(&loader->unix_groups);
    index_free(&loader->gids);
    arena_free(&loader->scratch);
    if (exhausted || loader->errors->count > 0) {
        policy_free(loader->policy);
        loader->policy = NULL;
    }
    if (exhausted)
        loader_error(loader, nowhere, "out of memory while reading the policy");
    arena_free(&loader->scratch);
    loader_sort_errors(loader->errors);
    return loader->policy;
}

struct policy *policy_load(const char *path, const struct trust *trust,
                           struct policy_errors *errors)
{
    return policy_load_with(path, trust, NULL, 0, errors);
}

struct policy *policy_load_with(const char *path, const struct trust *trust,
                                const struct policy_overlay *overlays, size_t count,
                                struct policy_errors *errors)
{
    struct loader loader = {
        .errors = errors, .trust = trust, .overlays = overlays, .overlay_count = count};

    return load(&loader, path);
}

struct policy *policy_parse_files(const struct policy_overlay *files, size_t count,
                                  const struct trust *trust, struct policy_errors *errors)
{
    struct loader loader = {.errors = errors,
                            .trust = trust,
                            .overlays = files,
                            .overlay_count = count,
                            .in_memory = true};

    return load(&loader, files[0].path);
}

struct policy *policy_parse(const char *path, const char *text, size_t length,
                            const struct trust *trust, struct policy_errors *errors)
{
    const struct policy_overlay file = {.path = path, .bytes = text, .length = length};

    return policy_parse_files(&file, 1, trust, errors);
}
