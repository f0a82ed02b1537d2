/*
 * Names and numbers of Unix groups.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "common/unix_group.h"

#include <string.h>

#define FIRST_BYTES "abcdefghijklmnopqrstuvwxyz_"
#define BYTES       FIRST_BYTES "0123456789-"

bool unix_group_may_be_called(const char *name)
{
    size_t length = strspn(name, BYTES);

    return length > 0 && name[length] == '\0' && length < UNIX_GROUP_NAME_SIZE &&
           strchr(FIRST_BYTES, name[0]) != NULL;
}

bool unix_group_may_have(int64_t gid)
{
    return gid >= UNIX_GROUP_GID_FIRST && gid <= UNIX_GROUP_GID_LAST &&
           (gid < UNIX_GROUP_GID_KEPT || gid > UNIX_GROUP_GID_KEPT_END);
}
