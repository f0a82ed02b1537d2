/*
 * Stamps of files.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "common/file_stamp.h"

#include <sys/stat.h>

#define NS_PER_S INT64_C(1000000000)

static struct file_stamp stamp(const struct stat *file)
{
    return (struct file_stamp){.device = file->st_dev,
                               .inode = file->st_ino,
                               .size = file->st_size,
                               .owner = file->st_uid,
                               .group = file->st_gid,
                               .mode = file->st_mode,
                               .changed = file->st_ctim.tv_sec * NS_PER_S + file->st_ctim.tv_nsec};
}

struct file_stamp file_stamp_of(const char *path, bool follow)
{
    struct stat file;

    if ((follow ? stat(path, &file) : lstat(path, &file)) != 0)
        return (struct file_stamp){.inode = 0};
    return stamp(&file);
}

struct file_stamp file_stamp_of_open(int fd)
{
    struct stat file;

    return fstat(fd, &file) == 0 ? stamp(&file) : (struct file_stamp){.inode = 0};
}

bool file_stamp_same(const struct file_stamp *a, const struct file_stamp *b)
{
    return a->device == b->device && a->inode == b->inode && a->size == b->size &&
           a->owner == b->owner && a->group == b->group && a->mode == b->mode &&
           a->changed == b->changed;
}

bool file_stamp_is_of_late(const struct file_stamp *file, time_t now)
{
    return file->changed / NS_PER_S + 1 >= now;
}
