/*
 * Whether a file is still the one that was looked at before.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_COMMON_FILE_STAMP_H
#define XACCT_COMMON_FILE_STAMP_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

/* What a file was like. All zero: there is none. */
struct file_stamp {
    dev_t device;
    ino_t inode;
    off_t size;
    uid_t owner;
    gid_t group;
    mode_t mode;
    int64_t changed; /* nanoseconds since 1970, by any means */
};

/* What the file at `path` is like now; of a symbolic link, where `follow` is set, what it names. */
struct file_stamp file_stamp_of(const char *path, bool follow);

/* The same of the file that is open at `fd`, whatever its path names by now. */
struct file_stamp file_stamp_of_open(int fd);

/* Whether both are of one file that did not change between them, or both of none. */
bool file_stamp_same(const struct file_stamp *a, const struct file_stamp *b);

/*
 * Whether the file changed in the second `now`, in the one before, or later, by the host's clock:
 * once more within a tick of that, and it would look the same.
 */
bool file_stamp_is_of_late(const struct file_stamp *file, time_t now);

#endif
