/*
 * Reading the user's own files: AWS config and credentials files and git's config, which all have
 * [sections] with KEY = VALUE lines. Only as much as telling what is in the way needs.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_INI_FILE_H
#define XACCT_XACCT_INI_FILE_H

#include <stdbool.h>
#include <stddef.h>

/* A file in memory, line by line. */
struct lines {
    char *bytes; /* with a NUL behind; may hold keys, so it is wiped */
    size_t size;
    char *next;      /* where the next line begins */
    unsigned number; /* of the last line, from 1 */
};

/*
 * Reads a regular file of at most 1 MiB. Returns false when there is none that can be read: what
 * xacct cannot read, the user's programs cannot either. The caller ends it with lines_close.
 */
bool lines_open(struct lines *lines, const char *path);

/* The next line without its end, in the file's memory; NULL at the end. */
char *lines_next(struct lines *lines);

void lines_close(struct lines *lines);

/* A line of such a file. Texts lie in the file's memory, without blanks round them. */
struct ini_line {
    const char *section; /* what stands between the brackets; "" before the first */
    const char *key;     /* NULL when the line begins a section */
    const char *value;
    bool indented; /* blanks before the key: in AWS's files a part of the value above */
};

struct ini {
    struct lines lines;
    struct ini_line line;
};

/* As lines_open; ended with ini_close. */
bool ini_open(struct ini *ini, const char *path);

/* Goes to the next line that holds a section or a key, in ini->line. Returns false at the end. */
bool ini_next(struct ini *ini);

void ini_close(struct ini *ini);

#endif
