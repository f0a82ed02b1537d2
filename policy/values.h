/*
 * Values of one kind that several keys take. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_VALUES_H
#define XACCT_POLICY_VALUES_H

#include <stdbool.h>
#include <stddef.h>

/* STS's characters for session names and the like, \w being ASCII: API reference, AssumeRole. */
#define VALUE_WORD_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_"
#define VALUE_NAME_BYTES VALUE_WORD_BYTES "+=,.@-"

/* Whether `text` consists of bytes of `allowed` alone and has `shortest` to `longest` of them. */
bool value_is_of(const char *text, const char *allowed, size_t shortest, size_t longest);

/*
 * A decimal number without sign, from `least` to `most`, and a unit directly behind it that is one
 * of `units`, which ends in a NULL name. The result, in what the units' factors count, is bounded,
 * not the number. Returns false when it is none or out of bounds.
 */
struct unit {
    const char *name;
    long factor;
};
bool value_number(const char *text, const struct unit *units, long least, long most, long *number);

/* Seconds, minutes, hours and days, in seconds: units for value_number. */
extern const struct unit value_time_units[];

/* Whether the text is like `shape`, where a 0 stands for any digit and a + for + and -. */
bool value_has_shape(const char *text, const char *shape);

/* The number that two digits are, as of an hour or a day. */
int value_two_digits(const char *two);

/* Whether `text` is an absolute path without a part that is "." or "..", and not a folder's. */
bool value_is_path(const char *text);

/* Whether `text` is valid UTF-8; sets *characters to how many it has. */
bool value_is_utf8(const char *text, size_t *characters);

/*
 * The code point that begins at *text, and moves *text past it; a negative number when what begins
 * there is not UTF-8. Must not be called at the end of the text.
 */
long value_code_point(const char **text);

#endif
