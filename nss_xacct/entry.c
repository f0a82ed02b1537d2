/*
 * Entries of the group database.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "nss_xacct/entry.h"

#include <errno.h>
#include <stdalign.h>
#include <stdint.h>
#include <string.h>

/* Of a password that none is; and the list of no members lies before both texts. */
#define NO_PASSWORD "*"

enum nss_status entry_fill(const struct found_group *group, struct group *entry, char *buffer,
                           size_t size, int *error)
{
    const size_t gap = -(uintptr_t)buffer % alignof(char *);
    const size_t name_size = strlen(group->name) + 1;
    char *at = buffer + gap;

    if (size < gap + sizeof(char *) + name_size + sizeof NO_PASSWORD) {
        *error = ERANGE;
        return NSS_STATUS_TRYAGAIN;
    }
    entry->gr_mem = (char **)(void *)at;
    entry->gr_mem[0] = NULL;
    at += sizeof(char *);
    entry->gr_name = memcpy(at, group->name, name_size);
    entry->gr_passwd = memcpy(at + name_size, NO_PASSWORD, sizeof NO_PASSWORD);
    entry->gr_gid = group->gid;
    return NSS_STATUS_SUCCESS;
}
