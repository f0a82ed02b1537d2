/*
 * Reading /etc/passwd and /etc/group.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/local_names.h"

#include <grp.h>
#include <pwd.h>
#include <stdio.h>
#include <string.h>

bool local_user_find(const char *name, uid_t *uid, gid_t *gid)
{
    FILE *file = fopen("/etc/passwd", "re");
    const struct passwd *entry = NULL;

    while (file != NULL && (entry = fgetpwent(file)) != NULL)
        if (strcmp(entry->pw_name, name) == 0) {
            *uid = entry->pw_uid;
            *gid = entry->pw_gid;
            break;
        }
    if (file != NULL)
        fclose(file);
    return entry != NULL;
}

/* Writes the name of the entry that was found, if it was and has room, else the number. */
static void write_name(char name[LOCAL_NAME_SIZE], const char *found, unsigned number)
{
    if (found != NULL && strlen(found) < LOCAL_NAME_SIZE)
        strcpy(name, found);
    else
        snprintf(name, LOCAL_NAME_SIZE, "%u", number);
}

void local_user_name(uid_t uid, char name[LOCAL_NAME_SIZE])
{
    FILE *file = fopen("/etc/passwd", "re");
    const struct passwd *entry = NULL;

    while (file != NULL && (entry = fgetpwent(file)) != NULL && entry->pw_uid != uid)
        ;
    write_name(name, entry != NULL ? entry->pw_name : NULL, uid);
    if (file != NULL)
        fclose(file);
}

void local_group_name(gid_t gid, char name[LOCAL_NAME_SIZE])
{
    FILE *file = fopen("/etc/group", "re");
    const struct group *entry = NULL;

    while (file != NULL && (entry = fgetgrent(file)) != NULL && entry->gr_gid != gid)
        ;
    write_name(name, entry != NULL ? entry->gr_name : NULL, gid);
    if (file != NULL)
        fclose(file);
}
