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

/*
 * Takes the next word from *cursor and moves it past. Words are separated by blanks; double quotes
 * around a word, or around what follows its first `=`, keep blanks in it and are not part of it. No
 * other byte means anything: a backslash stands for itself.
 * The word goes to `word`, which must have room for strlen(*cursor) + 1 bytes, and *quoted says
 * whether it had quotes. WORD_ILLEGAL comes with a sentence in *why.
 */
enum word_outcome word_next(const char **cursor, char *word, bool *quoted, const char **why);

#endif
