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
    else if (!arn_parse(text, &arn) || arn.account_length != ACCOUNT_ID_LENGTH ||
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

/* The ARN of the role with this path and name, in the policy's memory; or NULL. */
static char *make_arn(struct arena *memory, const char *partition, const char *account,
                      const char *path)
{
    const char *const parts[] = {"arn:", partition, ":iam::", account, ":role/", path};
    size_t length = 0, i;
    char *arn, *end;

    for (i = 0; i < sizeof parts / sizeof *parts; i++)
        length += strlen(parts[i]);
    arn = end = arena_alloc(memory, length + 1, 1);
    for (i = 0; arn != NULL && i < sizeof parts / sizeof *parts; i++)
        end = stpcpy(end, parts[i]);
    return arn;
}

/* Makes the role's ARN of its name, or holds its ARN against its account. */
static void finish_arn(struct loader *loader, struct target *target)
{
    const struct texts *asked = &target->role->settings.sts_regions;
    struct position at = section_position(target->section, "arn");
    struct role *role = target->role;
    const char *partition;
    struct arn arn;

    if (role->account->id == NULL || asked->count == 0)
        return;
    partition = partition_of_region(asked->items[0])->name;
    if (role->arn == NULL) {
        if (target->role_path != NULL)
            role->arn =
                make_arn(&loader->policy->memory, partition, role->account->id, target->role_path);
    } else if (arn_parse(role->arn, &arn) && !arn_has_account(&arn, role->account->id)) {
        loader_error(loader, at, "arn = %s is not in account %s, whose id is %s", role->arn,
                     role->account->name, role->account->id);
    } else if (arn_parse(role->arn, &arn) && !arn_has_partition(&arn, partition)) {
        loader_error(loader, at, "arn = %s is not in %s, the partition of %s, whose STS is asked",
                     role->arn, partition, asked->items[0]);
    }
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
