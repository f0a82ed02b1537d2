/*
 * [grant] and [deny]: who may use what, and who may not.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "policy/keys.h"

/*
 * Names are matched byte for byte, so a comma or a wildcard would make a rule that never matches,
 * which in a [deny] lets somebody in. Quotes say that the name really is like that.
 */
bool rule_name_is_fit(struct loader *loader, const char *key, const struct value *value,
                      bool patterns)
{
    const char *text = value->text;
    const char *fault = NULL;

    if (*text == '\0') {
        loader_error(loader, value->at, "%s: an empty name", key);
        return false;
    }
    if (strchr(text, ',') != NULL)
        fault = "holds a comma; names are separated by blanks";
    else if (!patterns && (strchr(text, '*') != NULL || strchr(text, '?') != NULL))
        fault = "looks like a pattern, and names are matched byte for byte";
    else if (strchr("@%!+", *text) != NULL)
        fault = "begins with a character that means nothing here; groups stand under groups";
    if (fault == NULL || value->quoted)
        return true;
    loader_error(loader, value->at,
                 "%s: %s %s. A name that is really spelt like this goes in double quotes", key,
                 text, fault);
    return false;
}

char **values_room(struct loader *loader, const struct entry *entry)
{
    return arena_alloc(&loader->policy->memory, entry->value_count, sizeof(char *));
}

/* Sets *names to the names among the entry's values. */
static void set_names(struct loader *loader, struct texts *names, const struct entry *entry)
{
    size_t i;

    names->items = values_room(loader, entry);
    for (i = 0; names->items != NULL && i < entry->value_count; i++)
        if (rule_name_is_fit(loader, entry->key->name, &entry->values[i], false))
            names->items[names->count++] = entry->values[i].text;
}

void set_users(struct loader *loader, struct target *target, const struct entry *entry)
{
    set_names(loader, &target->who->users, entry);
}

void set_principals(struct loader *loader, struct target *target, const struct entry *entry)
{
    set_names(loader, &target->who->principals, entry);
}

/* The place of a group in policy->groups, where it is put unless it is there. False: no memory. */
static bool place_group(struct loader *loader, char *name, size_t *place)
{
    struct texts *groups = &loader->policy->groups;
    void **known = index_place(&loader->groups, name);
    struct named_group *group;
    char **items;

    if (known == NULL) {
        loader->scratch.exhausted = true;
        return false;
    }
    group = *known;
    if (group == NULL) {
        group = arena_alloc(&loader->scratch, 1, sizeof *group);
        items = arena_grow(&loader->policy->memory, groups->items, groups->count, sizeof(char *));
        if (group == NULL || items == NULL)
            return false;
        *group = (struct named_group){name, groups->count};
        *known = group;
        groups->items = items;
        groups->items[groups->count++] = name;
    }
    *place = group->place;
    return true;
}

void set_groups(struct loader *loader, struct target *target, const struct entry *entry)
{
    struct subjects *who = target->who;
    size_t i;

    who->groups = arena_alloc(&loader->policy->memory, entry->value_count, sizeof *who->groups);
    for (i = 0; who->groups != NULL && i < entry->value_count; i++)
        if (rule_name_is_fit(loader, "groups", &entry->values[i], false) &&
            place_group(loader, entry->values[i].text, &who->groups[who->group_count]))
            who->group_count++;
}

void set_rule_roles(struct loader *loader, struct target *target, const struct entry *entry)
{
    const struct role **roles =
        arena_alloc(&loader->policy->memory, entry->value_count, sizeof(const struct role *));
    size_t count = 0, i;

    for (i = 0; roles != NULL && i < entry->value_count; i++) {
        const char *name = entry->values[i].text;

        roles[count] = policy_find_role(loader->policy, name);
        if (roles[count] != NULL)
            count++;
        else
            loader_error(loader, entry->values[i].at, "unknown role %s; there is no [role %s]",
                         name, name);
    }
    if (target->grant != NULL) {
        target->grant->roles = roles;
        target->grant->role_count = count;
    } else {
        target->deny->roles = roles;
        target->deny->role_count = count;
    }
}

void set_rule_accounts(struct loader *loader, struct target *target, const struct entry *entry)
{
    struct deny *deny = target->deny;
    size_t i;

    deny->accounts =
        arena_alloc(&loader->policy->memory, entry->value_count, sizeof(const struct account *));
    for (i = 0; deny->accounts != NULL && i < entry->value_count; i++) {
        const char *name = entry->values[i].text;
        const struct account *account = policy_find_account(loader->policy, name);

        if (account != NULL)
            deny->accounts[deny->account_count++] = account;
        else
            loader_error(loader, entry->values[i].at,
                         "unknown account %s; there is no [account %s]", name, name);
    }
}

void set_default_role(struct loader *loader, struct target *target, const struct entry *entry)
{
    const char *name = entry->values[0].text;

    target->grant->default_role = policy_find_role(loader->policy, name);
    if (target->grant->default_role == NULL)
        loader_error(loader, entry->at, "default = %s: there is no [role %s]", name, name);
}

/* A rule that names nobody would never match. */
static void check_somebody(struct loader *loader, const struct section *section)
{
    if (!section->damaged && section_entry(section, "users") == NULL &&
        section_entry(section, "groups") == NULL && section_entry(section, "principals") == NULL)
        loader_error(loader, section->at, "[%s] names nobody; it needs users, groups or principals",
                     section->title);
}

void finish_grant(struct loader *loader, struct target *target)
{
    const struct grant *grant = target->grant;
    const struct entry *entry;
    size_t i;

    check_somebody(loader, target->section);
    if (grant->default_role == NULL || target->section->damaged)
        return;
    entry = section_entry(target->section, "default");
    for (i = 0; i < grant->role_count; i++)
        if (grant->roles[i] == grant->default_role)
            return;
    loader_error(loader, entry->at, "default = %s is not among the roles of [%s]",
                 grant->default_role->name, target->section->title);
}

void finish_deny(struct loader *loader, struct target *target)
{
    check_somebody(loader, target->section);
}
