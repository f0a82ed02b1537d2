/*
 * A group by its name or its gid. What cannot be one of a policy costs nothing.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <string.h>

#include "common/wire.h"
#include "nss_xacct/entry.h"
#include "nss_xacct/public.h"
#include "nss_xacct/recent.h"

/*
 * Fills *entry with the one group that was asked for, if there is one: of the name `name`, or where
 * that is NULL of `gid`.
 */
static enum nss_status look_up(const char *name, gid_t gid, struct group *entry, char *buffer,
                               size_t size, int *error)
{
    enum nss_status status = NSS_STATUS_NOTFOUND;
    const struct found_group *found;
    struct found_groups groups;
    char number[16];

    snprintf(number, sizeof number, "%u", (unsigned)gid);
    ask_for_groups(name != NULL ? WIRE_GROUP : WIRE_GID, name != NULL ? name : number, &groups);
    found = groups.items;
    if (groups.count == 1 && (name != NULL ? strcmp(found->name, name) == 0 : found->gid == gid))
        status = entry_fill(found, entry, buffer, size, error);
    found_groups_free(&groups);
    return status;
}

enum nss_status _nss_xacct_getgrnam_r(const char *name, struct group *entry, char *buffer,
                                      size_t size, int *error)
{
    if (!unix_group_may_be_called(name))
        return NSS_STATUS_NOTFOUND;
    return look_up(name, 0, entry, buffer, size, error);
}

enum nss_status _nss_xacct_getgrgid_r(gid_t gid, struct group *entry, char *buffer, size_t size,
                                      int *error)
{
    struct found_group recent;

    if (!unix_group_may_have(gid))
        return NSS_STATUS_NOTFOUND;
    if (recent_find(gid, &recent))
        return entry_fill(&recent, entry, buffer, size, error);
    return look_up(NULL, gid, entry, buffer, size, error);
}
