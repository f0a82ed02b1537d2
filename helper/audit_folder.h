/*
 * The folder that the audit file lies in, and the folders above it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_AUDIT_FOLDER_H
#define XACCT_HELPER_AUDIT_FOLDER_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#define AUDIT_WAY_MOST 16 /* folders, the root among them, up to which a way is kept */

/*
 * The way from the root down to a file's folder. Its folders stay open, so that a single call for
 * each tells whether it is still the way. All zero is none.
 */
struct audit_way {
    size_t count; /* of the folders that are open; the last one is the file's */
    bool kept;    /* they are all that there are, and no link leads through them */
    char path[PATH_MAX];
    struct audit_step {
        int fd;
        dev_t device;
        ino_t inode;
        char name[NAME_MAX + 1]; /* in the folder before; of the root empty */
    } steps[AUDIT_WAY_MOST];
};

/*
 * Goes the way to the folder of the file at `path` (absolute). Every folder from the root down must
 * be root's or the effective user's, and nobody else may write it, or they could take away the
 * file, or the folder that it lies in; the sticky bit leaves that to the owner of each, so with it
 * they may. A link is followed, as it stands in such a folder, and so are the folders above what it
 * leads to; of a link behind a link that is not looked at. Returns the folder's descriptor, which
 * is the way's, or -1 with errno and the reason in `why` of `why_size` bytes, which names the
 * folder at fault; EPERM where others could take something away. *way, which holds none before,
 * holds none then.
 */
int audit_way_open(struct audit_way *way, const char *path, char *why, size_t why_size);

/*
 * Whether that is the way to `path` now, and all of it still holds: each name leads, by no link, to
 * the folder that it led to, and that folder's owner and mode are as they must be. Returns the
 * folder's descriptor, or -1 where it is not, or cannot be told, and has to be gone anew.
 */
int audit_way_again(const struct audit_way *way, const char *path);

/* Closes what it holds, if any; it holds none then. */
void audit_way_close(struct audit_way *way);

/* The file's name in the folder that the way to `path` leads to. */
const char *audit_way_name(const char *path);

#endif
