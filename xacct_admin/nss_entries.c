/*
 * Entries and memberships, in the way of the helper's own look-ups: found, not found and not
 * answered are three things.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/nss_entries.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>

#include "helper/lookup_sources.h"

#define ENTRY_LARGEST ((size_t)16 * 1024 * 1024) /* bytes of a passwd or group entry */

static int grow(struct nss_room *room)
{
    size_t size = room->size > 0 ? room->size * 4 : 4096;
    char *bytes = size <= ENTRY_LARGEST ? realloc(room->bytes, size) : NULL;

    if (bytes == NULL)
        return ENOMEM;
    room->bytes = bytes;
    room->size = size;
    return 0;
}

/* Whether to ask again, after an answer that was none. */
static bool again(struct nss_room *room, int *error)
{
    if (*error == ERANGE)
        *error = grow(room);
    else if (*error == EINTR)
        *error = 0;
    else
        return false;
    return *error == 0;
}

struct nss_found nss_find_user(struct nss_room *room, const char *name, uid_t uid)
{
    struct passwd entry, *user = NULL;
    int error = room->size > 0 ? 0 : grow(room);

    if (error != 0)
        return (struct nss_found){.outcome = NSS_UNANSWERED};
    do
        error = name != NULL ? getpwnam_r(name, &entry, room->bytes, room->size, &user)
                             : getpwuid_r(uid, &entry, room->bytes, room->size, &user);
    while (again(room, &error));
    if (error != 0)
        return (struct nss_found){.outcome = NSS_UNANSWERED};
    if (user == NULL)
        return (struct nss_found){.outcome = NSS_UNKNOWN};
    return (struct nss_found){NSS_KNOWN, user->pw_name, user->pw_uid, user->pw_gid, NULL};
}

struct nss_found nss_find_group(struct nss_room *room, const char *name, gid_t gid)
{
    struct group entry, *group = NULL;
    int error = room->size > 0 ? 0 : grow(room);

    if (error != 0)
        return (struct nss_found){.outcome = NSS_UNANSWERED};
    do
        error = name != NULL ? getgrnam_r(name, &entry, room->bytes, room->size, &group)
                             : getgrgid_r(gid, &entry, room->bytes, room->size, &group);
    while (again(room, &error));
    if (error != 0)
        return (struct nss_found){.outcome = NSS_UNANSWERED};
    if (group == NULL)
        return (struct nss_found){.outcome = NSS_UNKNOWN};
    return (struct nss_found){NSS_KNOWN, group->gr_name, group->gr_gid, 0, group->gr_mem};
}

void nss_fetch_memberships(const char *user, gid_t primary, struct nss_memberships *memberships)
{
    memberships->count = NSS_GROUPS_MOST;
    errno = 0;
    if (getgrouplist(user, primary, memberships->gids, &memberships->count) < 0) {
        memberships->count = 0;
        memberships->error = E2BIG;
        return;
    }
    memberships->error = errno;
    if (memberships->error == ESRCH)
        memberships->error = lookup_sources_ask_each(user, primary);
}

static bool is_member(const struct nss_memberships *memberships, gid_t gid)
{
    int i;

    for (i = 0; i < memberships->count; i++)
        if (memberships->gids[i] == gid)
            return true;
    return false;
}

struct nss_found nss_find_agreed(struct nss_room *room, const char *name)
{
    struct nss_found group = nss_find_group(room, name, 0);
    gid_t gid = group.id;

    if (group.outcome == NSS_KNOWN && strcmp(group.name, name) == 0) {
        group = nss_find_group(room, NULL, gid);
        if (group.outcome == NSS_UNKNOWN || group.id != gid)
            group.outcome = NSS_UNANSWERED;
    }
    if (group.outcome == NSS_KNOWN && strcmp(group.name, name) != 0)
        group.outcome = NSS_UNANSWERED;
    return group;
}

enum answer nss_membership(const struct nss_found *group, const struct nss_memberships *memberships)
{
    if (group->outcome == NSS_UNKNOWN)
        return ANSWER_NO;
    if (group->outcome == NSS_KNOWN && is_member(memberships, group->id))
        return ANSWER_YES;
    return group->outcome == NSS_KNOWN && memberships->error == 0 ? ANSWER_NO : ANSWER_UNKNOWN;
}
