/*
 * unix_group and gid, in [account] and [role]: which Unix group shows who may use it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "common/unix_group.h"
#include "policy/keys.h"
#include "policy/values.h"

void set_unix_group(struct loader *loader, struct target *target, const struct entry *entry)
{
    char *name = entry->values[0].text;

    if (unix_group_may_be_called(name))
        target->unix_group = name;
    else
        loader_error(loader, entry->at,
                     "unix_group = %s: write up to %d of a to z, 0 to 9, _ and -, and no digit or "
                     "- first",
                     name, UNIX_GROUP_NAME_SIZE - 1);
}

void set_gid(struct loader *loader, struct target *target, const struct entry *entry)
{
    static const struct unit no_unit[] = {{"", 1}, {NULL, 0}};
    const char *text = entry->values[0].text;
    long gid;

    if (value_number(text, no_unit, 0, UNIX_GROUP_GID_LAST, &gid) && unix_group_may_have(gid))
        target->gid = (gid_t)gid;
    else
        loader_error(loader, entry->at,
                     "gid = %s: write a number from %d to %lld that is not from %d to %d; the "
                     "others are the system's",
                     text, UNIX_GROUP_GID_FIRST, (long long)UNIX_GROUP_GID_LAST,
                     UNIX_GROUP_GID_KEPT, UNIX_GROUP_GID_KEPT_END);
}

/* The policy's group of this name and gid, made now unless it is there; NULL without memory. */
static struct unix_group *enter(struct loader *loader, struct target *target, struct position at)
{
    struct policy *policy = loader->policy;
    struct unix_group *group = arena_alloc(&policy->memory, 1, sizeof *group), *by_name;
    struct unix_group **all =
        arena_grow(&policy->memory, policy->unix_groups, policy->unix_group_count, sizeof *all);
    struct known_gid *known = arena_alloc(&loader->scratch, 1, sizeof *known), *by_gid;

    if (group == NULL || all == NULL || known == NULL)
        return NULL;
    policy->unix_groups = all;
    *group = (struct unix_group){target->unix_group, target->gid, policy->unix_group_count, at};
    known->gid = arena_format(&loader->scratch, "%u", (unsigned)target->gid);
    known->group = group;
    by_name = index_add(&loader->unix_groups, group);
    by_gid = known->gid != NULL ? index_add(&loader->gids, known) : NULL;
    if (by_name == NULL || by_gid == NULL) {
        loader->scratch.exhausted = true;
        return NULL;
    }
    if (by_name->gid != target->gid)
        loader_error(loader, at, "unix_group = %s has gid = %u in %s; one name is one gid",
                     group->name, (unsigned)by_name->gid, loader_place(loader, at, by_name->at));
    else if (by_gid->group != by_name)
        loader_error(loader, at, "gid = %s is that of unix_group = %s in %s; one gid is one name",
                     known->gid, by_gid->group->name, loader_place(loader, at, by_gid->group->at));
    else if (by_name == group)
        all[policy->unix_group_count++] = group;
    return by_name;
}

const struct unix_group *finish_unix_group(struct loader *loader, struct target *target)
{
    const struct section *section = target->section;
    const struct entry *name = section_entry(section, "unix_group");
    const struct entry *gid = section_entry(section, "gid");

    if (name != NULL && gid == NULL && !section->damaged)
        loader_error(loader, name->at, "unix_group in [%s] lacks gid = NUMBER beside it",
                     section->title);
    else if (name == NULL && gid != NULL && !section->damaged)
        loader_error(loader, gid->at, "gid in [%s] lacks unix_group = NAME beside it",
                     section->title);
    if (name == NULL || target->unix_group == NULL || target->gid == 0)
        return NULL;
    return enter(loader, target, name->at);
}
