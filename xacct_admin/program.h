/*
 * Running a program of this host for what it prints, within a time.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_PROGRAM_H
#define XACCT_XACCT_ADMIN_PROGRAM_H

#include <stddef.h>

#include "xacct/text.h"

#define PROGRAM_OUTPUT_MAX ((size_t)16 * 1024 * 1024) /* bytes; more is not read */

/* How it went. */
struct program_run {
    struct text output; /* standard output; NUL-terminated where there is any */
    struct text errors; /* standard error, at most 4 KiB */
    char why[512];      /* why it cannot be told what the program says; empty when it can */
    int status;         /* the exit status, where `why` is empty */
};

/*
 * Runs the program at arguments[0] (an absolute path; the list ends in NULL) with an empty standard
 * input and an environment of PATH and LANG=C alone, in a process group of its own that is killed
 * when `milliseconds` are over. Fills *run; the caller ends with program_run_free in any case.
 */
void program_run(const char *const *arguments, int milliseconds, struct program_run *run);

void program_run_free(struct program_run *run);

/* The first of the folders of programs that has one of this name, as a path in `path`; or NULL. */
const char *program_find(const char *name, char *path, size_t size);

#endif
