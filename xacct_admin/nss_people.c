/*
 * Two children, one after the other: the first lists the members of groups, the second looks each
 * person up. The policy's groups are resolved once for all of them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/nss_people.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/lookup_sources.h"
#include "policy/pattern.h"
#include "xacct_admin/nss_child.h"
#include "xacct_admin/nss_entries.h"

/* What the first child is asked. */
struct listing {
    const struct policy *policy;
    const struct texts *names;
};

/* What the second is. */
struct visiting {
    const struct policy *policy;
    const struct nss_person *people;
    size_t count;
};

/* The gids of groups that were said already, by their number. */
struct gids {
    gid_t *items;
    size_t count, room;
};

/* Says a group and whom it lists, and notes its gid. */
static void say_group(const struct nss_found *group, const char *name, struct gids *gids, int fd)
{
    char *const *member;

    if (gids->count == gids->room) {
        gids->room = gids->room > 0 ? 2 * gids->room : 256;
        gids->items = reallocarray(gids->items, gids->room, sizeof *gids->items);
        if (gids->items == NULL)
            _exit(1);
    }
    gids->items[gids->count++] = group->outcome == NSS_KNOWN ? group->id : (gid_t)-1;
    nss_say(fd, (struct nss_record){.kind = NSS_SAID_GROUP, .outcome = group->outcome}, name);
    if (group->outcome != NSS_KNOWN)
        return;
    for (member = group->members; member != NULL && *member != NULL; member++)
        nss_say(fd, (struct nss_record){.kind = NSS_SAID_USER, .index = (unsigned)gids->count - 1},
                *member);
}

/* Whether some pattern takes a role from a group of this name. */
static bool is_of_pattern(const struct policy *policy, const char *name,
                          struct derived_roles *derived)
{
    const struct role *role;
    size_t i;

    for (i = 0; i < policy->pattern_count; i++)
        if (pattern_split(policy, &policy->patterns[i], name, derived, &role) != SPLIT_NONE)
            return true;
    return false;
}

/* Says the groups of patterns that NSS lists. */
static void say_listed(const struct policy *policy, struct gids *gids, int fd)
{
    struct arena memory = {NULL, false};
    struct derived_roles derived = {.memory = &memory};
    struct nss_found found = {.outcome = NSS_KNOWN};
    const struct group *group;

    setgrent();
    while ((group = getgrent()) != NULL)
        if (is_of_pattern(policy, group->gr_name, &derived)) {
            found.id = group->gr_gid;
            found.members = group->gr_mem;
            say_group(&found, group->gr_name, gids, fd);
        }
    endgrent();
    derived_roles_end(&derived);
    arena_free(&memory);
}

/* Says whose primary group is one of these, as far as NSS lists users. */
static void say_primary(const struct gids *gids, int fd)
{
    const struct passwd *user;
    size_t i;

    setpwent();
    while ((user = getpwent()) != NULL)
        for (i = 0; i < gids->count; i++)
            if (gids->items[i] == user->pw_gid)
                nss_say(fd, (struct nss_record){.kind = NSS_SAID_USER, .index = (unsigned)i},
                        user->pw_name);
    endpwent();
}

/* The first child. */
static void list_groups(const void *asked, int fd)
{
    const struct listing *listing = asked;
    struct nss_room room = {.bytes = NULL};
    struct gids gids = {.items = NULL};
    size_t i;

    lookup_sources_leave_out("xacct");
    for (i = 0; i < listing->names->count; i++) {
        const char *name = listing->names->items[i];
        struct nss_found group = nss_find_agreed(&room, name);

        say_group(&group, name, &gids, fd);
    }
    if (listing->policy->pattern_count > 0)
        say_listed(listing->policy, &gids, fd);
    say_primary(&gids, fd);
    free(gids.items);
    free(room.bytes);
}

/* Says of one person what answer_login of nss_child.c says. */
static void say_person(const struct visiting *visiting, const char *asked,
                       const struct nss_found *found, struct nss_memberships *memberships,
                       struct nss_room *room, int fd)
{
    struct nss_found user = nss_find_user(room, asked, 0);
    char *name;
    size_t i;

    nss_say(fd, (struct nss_record){.kind = NSS_SAID_USER, .outcome = user.outcome, .id = user.id},
            user.name);
    name = user.outcome == NSS_KNOWN ? strdup(user.name) : NULL;
    if (name == NULL)
        return;
    nss_fetch_memberships(name, user.primary, memberships);
    for (i = 0; i < visiting->policy->groups.count; i++) {
        enum answer answer = nss_membership(&found[i], memberships);

        if (answer != ANSWER_NO)
            nss_say(fd,
                    (struct nss_record){
                        .kind = NSS_SAID_MEMBER, .index = (unsigned)i, .answer = answer},
                    NULL);
    }
    nss_say(fd, (struct nss_record){.kind = NSS_SAID_MEMBERS}, NULL);
    if (visiting->policy->pattern_count > 0)
        nss_say_groups(room, memberships, fd);
    free(name);
}

/* The second child. The policy's groups first, for the reason that nss_child.c gives. */
static void visit(const void *asked, int fd)
{
    const struct visiting *visiting = asked;
    const struct texts *groups = &visiting->policy->groups;
    struct nss_memberships *memberships = calloc(1, sizeof *memberships);
    struct nss_found *found = calloc(groups->count + 1, sizeof *found);
    struct nss_room room = {.bytes = NULL};
    size_t i;

    lookup_sources_leave_out("xacct");
    for (i = 0; found != NULL && i < groups->count; i++)
        found[i] = nss_find_agreed(&room, groups->items[i]);
    for (i = 0; found != NULL && memberships != NULL && i < visiting->count; i++)
        say_person(visiting, visiting->people[i].asked, found, memberships, &room, fd);
    free(memberships);
    free(found);
    free(room.bytes);
}

/* A name that is in the list already. */
struct seen {
    const char *name;
};

/* Adds a name to the list, once. */
static void add_name(struct arena *memory, struct index *index, struct texts *names,
                     const char *name)
{
    struct seen *seen = name != NULL ? arena_alloc(memory, 1, sizeof *seen) : NULL;
    struct seen *known;

    if (seen == NULL)
        return;
    seen->name = name;
    known = index_add(index, seen);
    if (known == NULL)
        memory->exhausted = true;
    else if (known == seen)
        texts_add(memory, names, (char *)name);
}

/* The groups to look up by name. */
static void collect_names(const struct policy *policy, struct arena *memory, struct texts *names)
{
    struct index index = {.table = NULL};
    size_t i, j;

    for (i = 0; i < policy->groups.count; i++)
        if (policy->rules_by_group[i].grants.count > 0)
            add_name(memory, &index, names, policy->groups.items[i]);
    for (i = 0; i < policy->pattern_count; i++)
        for (j = 0; j < policy->role_count; j++) {
            const struct pattern *pattern = &policy->patterns[i];

            add_name(memory, &index, names,
                     pattern_group_of(pattern, &policy->roles[j], false, memory));
            add_name(memory, &index, names,
                     pattern_group_of(pattern, &policy->roles[j], true, memory));
        }
    index_free(&index);
}

/* Adds the group of the next number. */
static struct nss_group *add_group(struct arena *memory, struct nss_groups *groups,
                                   const char *name)
{
    struct nss_group *items =
        arena_grow(memory, groups->items, groups->count, sizeof *groups->items);

    if (items == NULL)
        return NULL;
    groups->items = items;
    items[groups->count].name = name;
    return &items[groups->count++];
}

int nss_list_groups(const struct policy *policy, struct deadline deadline, struct arena *memory,
                    struct nss_groups *groups)
{
    struct texts names = {NULL, 0};
    const struct listing listing = {policy, &names};
    struct nss_answers answers = {.bytes = NULL};
    struct nss_record record;
    struct nss_group *group;
    const char *name;
    size_t i;
    int error;

    *groups = (struct nss_groups){NULL, 0};
    collect_names(policy, memory, &names);
    error = memory->exhausted ? ENOMEM : nss_ask(list_groups, &listing, deadline, &answers);
    while (error == 0 && nss_next(&answers, &record, memory, &name)) {
        if (record.kind == NSS_SAID_GROUP) {
            group = add_group(memory, groups, name);
            if (group != NULL)
                group->outcome = record.outcome;
        } else if (record.index < groups->count) {
            texts_add(memory, &groups->items[record.index].members, (char *)name);
        }
    }
    /* Those that were not come to. */
    for (i = groups->count; error == 0 && i < names.count; i++)
        add_group(memory, groups, names.items[i]);
    free(answers.bytes);
    return memory->exhausted ? ENOMEM : error;
}

/* Takes in one record about the person whom the last NSS_SAID_USER was of. */
static void take(const struct nss_record *record, const char *name, struct arena *memory,
                 struct nss_person *person)
{
    struct nss_member *members;

    switch (record->kind) {
    case NSS_SAID_USER:
        person->outcome = record->outcome;
        person->name = name;
        person->uid = record->id;
        break;
    case NSS_SAID_MEMBER:
        members = arena_grow(memory, person->members, person->member_count, sizeof *members);
        if (members == NULL)
            break;
        person->members = members;
        members[person->member_count++] = (struct nss_member){record->index, record->answer};
        break;
    case NSS_SAID_MEMBERS:
        person->is_whole = true;
        break;
    case NSS_SAID_GROUP:
        texts_add(memory, &person->names, (char *)name);
        break;
    case NSS_SAID_ALL:
        person->names_are_whole = true;
        break;
    case NSS_SAID_NAME:
    case NSS_SAID_ERROR:
        break;
    }
}

int nss_find_people(const struct policy *policy, struct nss_person *people, size_t count,
                    struct deadline deadline, struct arena *memory)
{
    const struct visiting visiting = {policy, people, count};
    struct nss_answers answers = {.bytes = NULL};
    struct nss_record record;
    const char *name;
    size_t told = 0;
    int error = nss_ask(visit, &visiting, deadline, &answers);

    while (error == 0 && nss_next(&answers, &record, memory, &name)) {
        told += record.kind == NSS_SAID_USER;
        if (told > 0 && told <= count)
            take(&record, name, memory, &people[told - 1]);
    }
    free(answers.bytes);
    return memory->exhausted ? ENOMEM : error;
}

void nss_person_groups(const struct policy *policy, const struct nss_person *person,
                       enum answer *in_group)
{
    size_t i;

    for (i = 0; i < policy->groups.count; i++)
        in_group[i] = person->is_whole ? ANSWER_NO : ANSWER_UNKNOWN;
    for (i = 0; i < person->member_count; i++)
        in_group[person->members[i].group] = person->members[i].answer;
}
