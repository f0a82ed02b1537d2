/*
 * Files that have been as they are for a while. To be included after cmocka.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_SETTLED_H
#define XACCT_TESTS_SETTLED_H

#include <sys/stat.h>
#include <time.h>

#include "common/file_stamp.h"

/* Waits until the file at `path` has not changed for long enough to be believed. Returns its
 * stamp. */
static inline struct file_stamp settled(const char *path)
{
    const struct timespec while_waiting = {.tv_nsec = 10000000};
    struct stat file;

    assert_int_equal(stat(path, &file), 0);
    while (time(NULL) <= file.st_ctim.tv_sec + 1)
        nanosleep(&while_waiting, NULL);
    return file_stamp_of(path, true);
}

#endif
