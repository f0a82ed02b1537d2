/*
 * What the programs of tests have open: to tell whether a call leaves a descriptor behind.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_DESCRIPTORS_H
#define XACCT_TESTS_DESCRIPTORS_H

#include <dirent.h>
#include <stddef.h>

/* The entries of /proc/self/fd, a number to hold against another of this function's. */
static inline int count_descriptors(void)
{
    DIR *folder = opendir("/proc/self/fd");
    int count = 0;

    while (folder != NULL && readdir(folder) != NULL)
        count++;
    if (folder != NULL)
        closedir(folder);
    return count;
}

#endif
