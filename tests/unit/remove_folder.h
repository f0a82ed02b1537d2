/*
 * Removes the folder of a test, for when it is over.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_UNIT_REMOVE_FOLDER_H
#define XACCT_TESTS_UNIT_REMOVE_FOLDER_H

#include <dirent.h>
#include <unistd.h>

/* Removes a folder with the files in it; one with folders in it loses its files alone. */
static inline void remove_folder(const char *path)
{
    DIR *names = opendir(path);
    const struct dirent *entry;

    while (names != NULL && (entry = readdir(names)) != NULL)
        unlinkat(dirfd(names), entry->d_name, 0);
    if (names != NULL)
        closedir(names);
    rmdir(path);
}

#endif
