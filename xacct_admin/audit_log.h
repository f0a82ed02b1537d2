/*
 * Reading the audit file and its rotated predecessors, a line at a time, in the order in which they
 * were written. What the members of a line mean is in xacct-audit(5).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_AUDIT_LOG_H
#define XACCT_XACCT_ADMIN_AUDIT_LOG_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "common/escape.h"

/* The newest version of a line that is known here, as helper/audit.c writes it. */
#define AUDIT_LOG_VERSION 1

#define AUDIT_LOG_LINE_MAX ((size_t)1 << 20) /* bytes; the helper's own have a few thousand */

#define AUDIT_LOG_WHY_SIZE ((size_t)8192)

#define AUDIT_LOG_PLACE_SIZE (ESCAPE_MAX + sizeof ":18446744073709551615")

/* One event. It is the reader's, and gone when the callback returns. */
struct audit_log_line {
    const char *file;     /* where it stands */
    unsigned long number; /* the line in that file, from 1 */
    const char *event;    /* as "opened"; one that is not known here is passed on like all others */
    time_t time;          /* when; later lines may be of an earlier time where the clock was set */
    json_t *object;       /* all of its members */
};

/* What was passed over, or is to be known. */
struct audit_log_note {
    const char *file;
    unsigned long line; /* 0: the file as a whole */
    const char *text;   /* a sentence, with what it quotes escaped */
};

struct audit_log_counts {
    unsigned long files;   /* that were read */
    unsigned long lines;   /* that were given to the callback */
    unsigned long damaged; /* cut short, too long, no JSON or no event */
    unsigned long newer; /* of a later version than AUDIT_LOG_VERSION; given to the callback too */
};

/* What is to be read, and who is told. */
struct audit_log {
    const char *path; /* of the file that is written now */
    time_t since;     /* events before this moment are passed over; 0: all are read */

    /* Returns whether to go on. */
    bool (*take)(void *argument, const struct audit_log_line *line);

    /* May be NULL. Of damaged lines in one file the first few are told, then how many more. */
    void (*tell)(void *argument, const struct audit_log_note *note);
    void *argument;
};

/*
 * Reads what stands in the file at log->path and in those that logrotate(8) made of it: FILE.1,
 * FILE.2.gz, FILE-20270331, FILE-20270331.gz, and with its `extension` the same before the last
 * part of the name. Oldest first; files that were last written before log->since are not read. What
 * is rotated meanwhile is neither lost nor read twice. Memory does not grow with the files.
 *
 * Returns 0, with *counts, also when the callback wanted no more; or an errno, with a sentence in
 * `why` that says what to do: ENOENT without any such file, EACCES where it may not be read, ELOOP
 * for a link, EINVAL for what is no file, EAGAIN where files were rotated all the time.
 */
int audit_log_read(const struct audit_log *log, struct audit_log_counts *counts,
                   char why[AUDIT_LOG_WHY_SIZE]);

/* A member of the line that is a text, or NULL. It is the reader's, as the line is. */
const char *audit_log_text(const struct audit_log_line *line, const char *member);

/* Writes where a note belongs, FILE:LINE or FILE, escaped. Returns `place`. */
char *audit_log_place(const struct audit_log_note *note, char place[AUDIT_LOG_PLACE_SIZE]);

#endif
