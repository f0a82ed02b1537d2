/*
 * [account] and [role]: which role in which account, and what a role takes over from its account.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <string.h>

#include "policy/arn.h"
#include "policy/keys.h"
#include "policy/tags.h"
#include "policy/template.h"

void set_account_id(struct loader *loader, struct target *target, const struct entry *entry)
{
    struct account_id *id = arena_alloc(&loader->scratch, 1, sizeof *id);
    struct account_id *other;

    if (id == NULL)
        return;
    id->id = entry->values[0].text;
    id->account = target->account;
    if (!arn_is_account_id(id->id)) {
        loader_error(loader, entry->at, "id = %s: an account's id has 12 digits", id->id);
        return;
    }
    other = index_add(&loader->account_ids, id);
    if (other == NULL)
        loader->scratch.exhausted = true;
    else if (other != id)
        loader_error(loader, entry->at, "id = %s is that of [account %s] in line %u already",
                     id->id, other->account->name, other->account->at.line);
    target->account->id = entry->values[0].text;
}

void set_role_account(struct loader *loader, struct target *target, const struct entry *entry)
{
    const char *name = entry->values[0].text;

    target->role->account = policy_find_account(loader->policy, name);
    if (target->role->account == NULL)
        loader_error(loader, entry->at, "unknown account %s; there is no [account %s]", name, name);
}

void set_role_name(struct loader *loader, struct target *target, const struct entry *entry)
{
    char *path = entry->values[0].text;
    const char *fault;
    char why[256];

    if (template_check(path, why, sizeof why) != 0)
        loader_error(loader, entry->at, "name: %s", why);
    else if ((fault = arn_role_path_fault(path)) != NULL)
        loader_error(loader, entry->at, "name = %s: %s", path, fault);
    else
        target->role_path = path;
}

void set_role_arn(struct loader *loader, struct target *target, const struct entry *entry)
{
    char *text = entry_text(loader, entry);
    const char *fault;
    struct arn arn;
    char why[256];

    if (text == NULL)
        return;
    if (strlen(text) > ROLE_ARN_LONGEST)
        loader_error(loader, entry->at, "arn: %zu characters; STS takes %zu", strlen(text),
                     ROLE_ARN_LONGEST);
    else if (!arn_parse(text, &arn) || arn.account_length != ACCOUNT_ID_LENGTH ||
             strncmp(arn.resource, "role/", 5) != 0)
        loader_error(loader, entry->at, "arn = %s: write arn:aws:iam::111122223333:role/NAME",
                     text);
    else if (template_check(text, why, sizeof why) != 0)
        loader_error(loader, entry->at, "arn: %s", why);
    else if ((fault = arn_role_path_fault(arn.resource + 5)) != NULL)
        loader_error(loader, entry->at, "arn = %s: %s", text, fault);
    else if (loader->partition != NULL && !arn_has_partition(&arn, loader->partition))
        loader_error(loader, entry->at,
                     "arn = %s is not in %s, the partition of the region of [xacct]", text,
                     loader->partition);
    else
        target->role->arn = text;
}

/* The line of the section's entry of this key, or of the section where it has none. */
static struct position position_of(const struct section *section, const char *key)
{
    const struct entry *entry = section_entry(section, key);

    return entry != NULL ? entry->at : section->at;
}

/* Makes the role's ARN of its name, or holds its ARN against its account. */
static void finish_arn(struct loader *loader, struct target *target)
{
    static const char form[] = "arn:%s:iam::%s:role/%s";
    struct role *role = target->role;
    struct arn arn;
    size_t size;

    if (role->account == NULL || role->account->id == NULL)
        return;
    if (role->arn != NULL) {
        if (arn_parse(role->arn, &arn) && !arn_has_account(&arn, role->account->id))
            loader_error(loader, position_of(target->section, "arn"),
                         "arn = %s is not in account %s, whose id is %s", role->arn,
                         role->account->name, role->account->id);
    } else if (target->role_path != NULL && loader->partition != NULL) {
        size = sizeof form + strlen(loader->partition) + strlen(role->account->id) +
               strlen(target->role_path);
        role->arn = arena_alloc(&loader->policy->memory, size, 1);
        if (role->arn != NULL)
            snprintf(role->arn, size, form, loader->partition, role->account->id,
                     target->role_path);
    }
}

static char *either(char *own, char *other)
{
    return own != NULL ? own : other;
}

/* Fills what `settings` leaves open from `from`; tags are joined apart. */
static void inherit(struct role_settings *settings, const struct role_settings *from)
{
    settings->description = either(settings->description, from->description);
    settings->external_id = either(settings->external_id, from->external_id);
    settings->region = either(settings->region, from->region);
    settings->session_name = either(settings->session_name, from->session_name);
    if (settings->session_policy == NULL) {
        settings->session_policy = from->session_policy;
        settings->session_policy_at = from->session_policy_at;
    }
    if (settings->policy_arns.count == 0)
        settings->policy_arns = from->policy_arns;
    if (settings->transitive_tags.count == 0)
        settings->transitive_tags = from->transitive_tags;
    if (settings->duration == 0)
        settings->duration = from->duration;
    if (settings->min_life == 0)
        settings->min_life = from->min_life;
    if (settings->deliver == DELIVER_UNSET)
        settings->deliver = from->deliver;
    if (settings->source_identity == UNSET)
        settings->source_identity = from->source_identity;
}

/* A customer's managed policy must lie in the account of the role that it narrows. */
static void check_policy_arns(struct loader *loader, struct target *target)
{
    const struct role *role = target->role;
    const struct texts *arns = &role->settings.policy_arns;
    struct arn arn;
    size_t i;

    for (i = 0; i < arns->count; i++)
        if (role->account->id != NULL && arn_parse(arns->items[i], &arn) &&
            !arn_has_account(&arn, "aws") && !arn_has_account(&arn, role->account->id))
            loader_error(loader, position_of(target->section, "policy_arns"),
                         "policy_arns: %s is not in account %s of [role %s]; STS takes policies of "
                         "the role's account and AWS's own",
                         arns->items[i], role->account->id, role->name);
}

/*
 * Credentials are fresh with their whole duration, so what must be left of it can only be less.
 * Told at the line of the role that says the one or the other.
 */
static void check_min_life(struct loader *loader, const struct target *target)
{
    const struct section *section = target->section;
    const struct role_settings *settings = &target->role->settings;
    int duration = settings->duration > 0 ? settings->duration : DURATION_DEFAULT;
    bool own = section_entry(section, "min_life") != NULL;

    if (settings->min_life >= duration)
        loader_error(loader, position_of(section, own ? "min_life" : "duration"),
                     "[%s] has min_life = %ds with %s duration of %ds; min_life must be below it",
                     section->title, settings->min_life, settings->duration > 0 ? "a" : "STS's",
                     duration);
}

void finish_role(struct loader *loader, struct target *target)
{
    const struct section *section = target->section;
    const struct entry *name = section_entry(section, "name");
    const struct entry *arn = section_entry(section, "arn");
    struct role *role = target->role;

    if (name == NULL && arn == NULL && !section->damaged)
        loader_error(loader, section->at, "[%s] lacks name = PATH/NAME, or arn =", section->title);
    else if (name != NULL && arn != NULL)
        loader_error(loader, arn->at, "[%s] has both name and arn; keep one", section->title);
    finish_arn(loader, target);
    if (role->account != NULL) {
        inherit(&role->settings, &role->account->settings);
        tags_join(loader, role);
        tags_check_transitive(loader, position_of(section, "transitive_tags"), role);
        check_policy_arns(loader, target);
    }
    inherit(&role->settings, &loader->defaults);
    if (role->settings.source_identity == UNSET)
        role->settings.source_identity = YES;
    if (role->settings.deliver == DELIVER_UNSET)
        role->settings.deliver = DELIVER_ENV;
    check_min_life(loader, target);
}
