/*
 * One entry of NSS after the other, in a process that may hang: of users and groups, and which
 * groups a user is in. For what runs in the children of nss.c and nss_people.c only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_NSS_ENTRIES_H
#define XACCT_XACCT_ADMIN_NSS_ENTRIES_H

#include <stddef.h>
#include <sys/types.h>

#include "xacct_admin/nss.h"

/* Memory for one entry, growing while NSS says ERANGE. All zero at first. */
struct nss_room {
    char *bytes;
    size_t size;
};

/* What an entry says. */
struct nss_found {
    enum nss_outcome outcome;
    const char *name; /* as NSS has it; in the room, until the next is found */
    unsigned id;
    gid_t primary;        /* of a user */
    char *const *members; /* of a group: names, ending in NULL; likewise */
};

/* Looks up a user by name or, where that is NULL, by uid. */
struct nss_found nss_find_user(struct nss_room *room, const char *name, uid_t uid);

/* Looks up a group by name or, where that is NULL, by gid. */
struct nss_found nss_find_group(struct nss_room *room, const char *name, gid_t gid);

/* A group whose name, gid and name again agree; else it is not answered. */
struct nss_found nss_find_agreed(struct nss_room *room, const char *name);

#define NSS_GROUPS_MOST 65536 /* NGROUPS_MAX of Linux */

/* The groups that a user is in. */
struct nss_memberships {
    int count;
    int error; /* 0 when they are all of them */
    gid_t gids[NSS_GROUPS_MOST];
};

void nss_fetch_memberships(const char *user, gid_t primary, struct nss_memberships *memberships);

/* Whether the group is among them. */
enum answer nss_membership(const struct nss_found *group,
                           const struct nss_memberships *memberships);

#endif
