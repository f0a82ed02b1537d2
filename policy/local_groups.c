/*
 * Local groups, by fgetgrent(3).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/local_groups.h"

#include <errno.h>
#include <grp.h>
#include <stdio.h>
#include <string.h>

#define FILE_NAME "/etc/group"

static void check(struct loader *loader, const struct group *local)
{
    char number[16];
    const struct unix_group *named = index_find(&loader->unix_groups, local->gr_name);
    const struct known_gid *numbered;

    snprintf(number, sizeof number, "%u", (unsigned)local->gr_gid);
    numbered = index_find(&loader->gids, number);
    if (numbered != NULL && numbered->group != named)
        loader_error(loader, numbered->group->at,
                     "unix_group = %s: its gid, %s, is that of the local group %s in " FILE_NAME
                     "; choose another",
                     numbered->group->name, number, local->gr_name);
    else if (named != NULL && named->gid != local->gr_gid)
        loader_error(loader, named->at,
                     "unix_group = %s with gid = %u: " FILE_NAME
                     " has a group of this name with gid %s; choose another",
                     named->name, (unsigned)named->gid, number);
}

void local_groups_check(struct loader *loader)
{
    const struct position whole = {loader->path, 0};
    const struct group *local;
    FILE *file;
    int error;

    if (loader->policy->unix_group_count == 0)
        return;
    file = fopen(FILE_NAME, "re");
    error = file != NULL || errno == ENOENT ? 0 : errno;
    while (file != NULL && (local = fgetgrent(file)) != NULL)
        check(loader, local);
    if (file != NULL && ferror(file))
        error = EIO;
    if (error != 0)
        loader_error(loader, whole,
                     FILE_NAME " cannot be read, so nobody knows which gids are "
                               "taken: %s",
                     strerror(error));
    if (file != NULL)
        fclose(file);
}
