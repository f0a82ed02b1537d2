/*
 * Whether the helper takes a file for what it says, and whether it can read it at all: owner and
 * mode of the file and of every folder on the way, with the commands that mend them.
 *
 * The kernel's rule is that of path_resolution(7) for the system user of the helper and its group
 * alone, as a helper that the login starts has no other; trust is that of common/trusted_file.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_PERMISSIONS_H
#define XACCT_XACCT_ADMIN_PERMISSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "xacct_admin/findings.h"

#define HELPER_NAME "xacct" /* the system user and its group */

enum file_kind {
    FILE_POLICY,  /* root's, for the helper's group */
    FILE_BASE,    /* the same, or the helper's own */
    FILE_PUBLIC,  /* root's, for everybody */
    FILE_LIBRARY, /* the same, and executable by custom alone */
    FILE_PROGRAM, /* the same, and executable in fact */
};

/* For whom files are looked at, and where it is told. */
struct permissions {
    uid_t uid; /* of the helper */
    gid_t gid;
    const char *folder; /* of the policy, with its slash: what lies there is the helper's alone */
    size_t folder_length;
    struct findings *findings;
};

/*
 * Tells at `at` what is wrong with owner and mode of the file at `path` (absolute), and of each
 * folder above, at that folder, also that it is a link. A file that is not there, or no regular
 * one, or may not be looked at, is left to whoever opens it.
 */
void permissions_check_file(const struct permissions *permissions, const char *path,
                            enum file_kind kind, struct position at);

/* The same for a folder that the helper lists. */
void permissions_check_listed(const struct permissions *permissions, const char *path);

#endif
