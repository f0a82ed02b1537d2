/*
 * Folders of small files that only the helper's user may write. A file in one is whole or not
 * there, whoever else writes or reads it at the same moment.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_OWN_FOLDER_H
#define XACCT_HELPER_OWN_FOLDER_H

#include <dirent.h>
#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#define OWN_FILE_MAX ((size_t)32 * 1024) /* bytes; a larger file is none of ours */

/*
 * Opens the folder. It must belong to the effective user, and nobody else may write it, as whoever
 * can would put words into our mouth. Returns the descriptor, or -1 with errno, EPERM for that.
 */
int own_folder_open(const char *path);

/*
 * Reads the file `name`, of up to `most` bytes, into memory that the caller frees. Returns 0 and
 * sets *text and *length; or, with both left alone, EBADMSG when it is too large, empty or no
 * regular file; or an errno.
 */
int own_folder_read(int folder, const char *name, size_t most, char **text, size_t *length);

/* Reads the first `count` bytes of the file `name`. Returns 0, or an errno; EBADMSG for less. */
int own_folder_read_head(int folder, const char *name, char *bytes, size_t count);

/*
 * Writes the file `name` anew, under another name until it is whole. Where there is one already it
 * is replaced, or else left alone when `replace` is false: EEXIST. Returns 0 or an errno.
 */
int own_folder_write(int folder, const char *name, const char *text, bool replace);

/* Removes what writers left half done that were killed a minute ago or earlier. */
void own_folder_tidy(int folder);

/*
 * A stream of the folder's names, from the first on, that closedir(3) closes without closing
 * `folder`. Returns NULL with errno.
 */
DIR *own_folder_names(int folder);

/* What a folder looked like at some time. All zero is like no folder. */
struct own_folder_look {
    dev_t device;
    ino_t inode;
    struct timespec changed;
    bool settled; /* no change after it can carry the same time */
};

/*
 * Looks at the folder, before its names are read. Returns whether names may have come or gone since
 * *look, which is set to what it looks like now.
 */
bool own_folder_changed(int folder, struct own_folder_look *look);

#endif
