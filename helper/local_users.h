/*
 * Users of /etc/passwd. Where NSS asks that file first, and is content with whom it finds there, as
 * on nearly every host, what it says of them is what the file says: they are read in it once, and
 * known until the files of NSS are others, with no process to look them up.
 *
 * Whether the files are others a generation tells (helper/lookup_pool.h), of which whoever uses
 * this looks afterwards whether it still stands, as for what a process has answered.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_LOCAL_USERS_H
#define XACCT_HELPER_LOCAL_USERS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/file_stamp.h"
#include "helper/lookup.h"

#define LOCAL_USERS_MOST 256
/* Bytes of a name that is kept: useradd(8) makes none of more than 32. */
#define LOCAL_USERS_NAME 40

/* Whether there is such a user in the file, and which. */
struct local_user {
    char name[LOCAL_USERS_NAME]; /* empty: nobody has been asked for */
    bool is_there;
    uid_t uid;
    gid_t gid;
};

/* All zero at first. */
struct local_users {
    unsigned generation; /* that all of this is of */
    bool are_asked_first;
    size_t next; /* the place of whoever is read next, in that of another if need be */
    struct local_user users[LOCAL_USERS_MOST];
};

/*
 * Finds the user called `name` among those of this generation, which is not 0. `passwd` is the
 * file as it was when that was looked at. Returns whether, with *user filled; false too where NSS
 * asks another source first, where the file is not that one any more, cannot be read or has a line
 * that is too long, and where it has changed within the last second: once more within a tick of the
 * clock, and it would look the same.
 */
bool local_users_find(struct local_users *users, const struct file_stamp *passwd,
                      unsigned generation, const char *name, struct user *user);

#endif
