/*
 * Splitting a value into words.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_WORDS_H
#define XACCT_POLICY_WORDS_H

#include <stdbool.h>
#include <stddef.h>

enum word_outcome { WORD_END, WORD_FOUND, WORD_ILLEGAL };

/* A word. It lies where it was found, or where it had quotes, without them, in the caller's room.
 */
struct word {
    const char *text; /* without a NUL at its end */
    size_t length;    /* bytes */
    bool quoted;
};

/*
 * Takes the next word from *cursor and moves it past. Words are separated by blanks; double quotes
 * around a word, or around what follows its first `=`, keep blanks in it and are not part of it. No
 * other byte means anything: a backslash stands for itself.
 * `room` must have strlen(*cursor) bytes. WORD_ILLEGAL comes with a sentence in *why.
 */
enum word_outcome word_next(const char **cursor, char *room, struct word *word, const char **why);

#endif
