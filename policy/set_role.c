/*
 * [account] and [role]: which role in which account, and what a role takes over from its account.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "policy/arn.h"
#include "policy/keys.h"
#include "policy/partition.h"
#include "policy/settings.h"
#include "policy/template.h"

void set_account_id(struct loader *loader, struct target *target, const struct entry *entry)
{
    struct account_by_id *id = arena_alloc(&loader->policy->memory, 1, sizeof *id);
    struct account_by_id *other;

    if (id == NULL)
        return;
    id->id = entry->values[0].text;
    id->account = target->account;
    if (!arn_is_account_id(id->id)) {
        loader_error(loader, entry->at, "id = %s: an account's id has 12 digits", id->id);
        return;
    }
    other = index_add(&loader->policy->accounts_by_id, id);
    if (other == NULL)
        loader->scratch.exhausted = true;
    else if (other != id)
        loader_error(loader, entry->at, "id = %s is that of [account %s] in %s already", id->id,
                     other->account->name, loader_place(loader, entry->at, other->account->at));
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
    else if (!arn_parse(text, &arn) || !arn_has_account_id(&arn) ||
             strncmp(arn.resource, "role/", 5) != 0)
        loader_error(loader, entry->at, "arn = %s: write arn:aws:iam::111122223333:role/NAME",
                     text);
    else if (template_check(text, why, sizeof why) != 0)
        loader_error(loader, entry->at, "arn: %s", why);
    else if ((fault = arn_role_path_fault(arn.resource + 5)) != NULL)
        loader_error(loader, entry->at, "arn = %s: %s", text, fault);
    else
        target->role->arn = text;
}

void finish_account(struct loader *loader, struct target *target)
{
    settings_check_account(loader, target->section, target->account);
    target->account->unix_group = finish_unix_group(loader, target);
}

/* Makes the role's ARN of its name, or holds its ARN against its account. */
static void finish_arn(struct loader *loader, struct target *target)
{
    struct position at = section_position(target->section, "arn");
    struct role *role = target->role;
    const char *region = settings_sts_region(&role->settings);
    const char *id = role->account->id;
    const char *partition;
    struct arn arn;

    if (id == NULL || region == NULL)
        return;
    partition = partition_of_region(region)->name;
    if (role->arn == NULL) {
        if (target->role_path != NULL)
            role->arn = arn_of_role(&loader->policy->memory, partition, id, target->role_path);
        return;
    }
    if (!arn_parse(role->arn, &arn))
        return;
    if (!arn_has_account(&arn, id))
        loader_error(loader, at, "arn = %s is not in account %s, whose id is %s", role->arn,
                     role->account->name, id);
    else if (!arn_has_partition(&arn, partition))
        loader_error(loader, at, "arn = %s is not in %s, the partition of %s, whose STS is asked",
                     role->arn, partition, region);
}

void finish_role(struct loader *loader, struct target *target)
{
    const struct section *section = target->section;
    const struct entry *name = section_entry(section, "name");
    const struct entry *arn = section_entry(section, "arn");
    struct role *role = target->role;
    struct role_settings own = role->settings;
    const struct account *account = role->account;

    if (name == NULL && arn == NULL && !section->damaged)
        loader_error(loader, section->at, "[%s] lacks name = PATH/NAME, or arn =", section->title);
    else if (name != NULL && arn != NULL)
        loader_error(loader, arn->at, "[%s] has both name and arn; keep one", section->title);
    role->unix_group = finish_unix_group(loader, target);
    if (account == NULL ||
        !settings_complete(&role->settings, account, loader->policy, &loader->policy->memory))
        return;
    /* The role that the account's others start from does not start from itself. */
    if (own.base_role_name == NULL && role->settings.base_role_name != NULL &&
        strcmp(role->settings.base_role_name, role->name) == 0)
        role->settings.base_role_name = NULL;
    settings_check(loader, section, account, &own, &role->settings);
    finish_arn(loader, target);
}
