/*
 * The one way for untrusted text (names, addresses, what servers said) into a log line or before a
 * person's eyes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_COMMON_ESCAPE_H
#define XACCT_COMMON_ESCAPE_H

#include <stddef.h>

/* The most bytes that one escaped piece of text takes in a log line, its NUL included. */
#define ESCAPE_MAX ((size_t)1024)

/*
 * Writes `text` to `out` of `size` bytes so that nothing in it can begin a line, move a cursor or
 * pass for another field: printable ASCII stays, a backslash becomes two, every other byte becomes
 * \xHH. What does not fit is cut at a whole character and the result ends in "...". NULL is written
 * as "(none)". Always NUL-terminated when size > 0. Returns `out`.
 */
char *escape(char *out, size_t size, const char *text);

/* As escape, for `length` bytes that may hold NUL. */
char *escape_bytes(char *out, size_t size, const void *bytes, size_t length);

/*
 * As escape, for a sentence whose untrusted pieces whoever wrote it has escaped already:
 * backslashes stay as they are, so that nothing is escaped twice, and whatever else should be in it
 * is made harmless all the same.
 */
char *escape_sentence(char *out, size_t size, const char *sentence);

#endif
