/*
 * Local users and groups, from /etc/passwd and /etc/group alone, where system users are: NSS could
 * make us wait, and could not be believed about them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_LOCAL_NAMES_H
#define XACCT_XACCT_ADMIN_LOCAL_NAMES_H

#include <stdbool.h>
#include <sys/types.h>

#define LOCAL_NAME_SIZE 64 /* bytes of a name with its NUL; a longer one is given as its number */

/* Sets *uid and *gid to those of the user of this name. Returns false when there is none. */
bool local_user_find(const char *name, uid_t *uid, gid_t *gid);

/* Writes the name of a user or a group, or its number where there is no name. */
void local_user_name(uid_t uid, char name[LOCAL_NAME_SIZE]);
void local_group_name(gid_t gid, char name[LOCAL_NAME_SIZE]);

#endif
