/*
 * Local groups, by fgetgrent(3).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/local_groups.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "policy/loader.h"

int local_groups_each(void (*look)(const struct group *local, void *argument), void *argument)
{
    FILE *file = fopen(LOCAL_GROUPS_FILE, "re");
    const struct group *local;
    int error = 0;

    if (file == NULL)
        return errno == ENOENT ? 0 : errno;
    while ((local = fgetgrent(file)) != NULL)
        look(local, argument);
    if (ferror(file))
        error = EIO;
    fclose(file);
    return error;
}

static void check(const struct group *local, void *argument)
{
    struct loader *loader = argument;
    char number[16];
    const struct unix_group *named = index_find(&loader->unix_groups, local->gr_name);
    const struct known_gid *numbered;

    snprintf(number, sizeof number, "%u", (unsigned)local->gr_gid);
    numbered = index_find(&loader->gids, number);
    if (numbered != NULL && numbered->group != named)
        loader_error(
            loader, numbered->group->at,
            "unix_group = %s: its gid, %s, is that of the local group %s in " LOCAL_GROUPS_FILE
            "; choose another",
            numbered->group->name, number, local->gr_name);
    else if (named != NULL && named->gid != local->gr_gid)
        loader_error(loader, named->at,
                     "unix_group = %s with gid = %u: " LOCAL_GROUPS_FILE
                     " has a group of this name with gid %s; choose another",
                     named->name, (unsigned)named->gid, number);
}

void local_groups_check(struct loader *loader)
{
    const struct position whole = {loader->path, 0};
    int error;

    if (loader->policy->unix_group_count == 0)
        return;
    error = local_groups_each(check, loader);
    if (error != 0)
        loader_error(loader, whole,
                     LOCAL_GROUPS_FILE " cannot be read, so nobody knows which gids are "
                                       "taken: %s",
                     strerror(error));
}
