/*
 * The audit file and those that logrotate(8) made of it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_AUDIT_FILES_H
#define XACCT_XACCT_ADMIN_AUDIT_FILES_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

/* Where a file stands among the others. */
enum audit_series {
    AUDIT_NUMBERED, /* FILE.3: the higher, the older */
    AUDIT_DATED,    /* FILE-20270331: the higher, the newer */
    AUDIT_CURRENT   /* FILE itself, the newest */
};

struct audit_file {
    char *path;
    char *part; /* of its name, what tells it from the others: "3" or "-20270331"; "" of FILE */
    enum audit_series series;
    bool compressed;
    int fd; /* open for reading, or -1: last written before the moment in question */
    dev_t device;
    ino_t inode;
    time_t written;
};

struct audit_files {
    struct audit_file *items; /* oldest first */
    size_t count;
};

/* Told of a file that is not read. `text` is a sentence. */
typedef void audit_files_tell(const void *argument, const char *file, const char *text);

/*
 * Finds and opens them all, so that what is rotated from then on is the same file still. Those last
 * written before `since` are not opened. Returns 0, or an errno with a sentence in `why`, as
 * audit_log_read has it. The caller closes *files in either case.
 */
int audit_files_open(const char *path, time_t since, audit_files_tell *tell, const void *argument,
                     struct audit_files *files, char *why, size_t why_size);

void audit_files_close(struct audit_files *files);

#endif
