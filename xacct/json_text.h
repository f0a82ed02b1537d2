/*
 * JSON as text: RFC 8259.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_JSON_TEXT_H
#define XACCT_XACCT_JSON_TEXT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xacct/text.h"

/*
 * The bytes of the UTF-8 sequence that begins at `text` (RFC 3629), or 0 when none does: at the
 * NUL too.
 */
size_t utf8_sequence(const char *text);

/* Whether all of `text` is UTF-8. */
bool utf8_is_valid(const char *text);

/* The character that the sequence of `length` bytes is, as utf8_sequence found it: not 0. */
uint32_t utf8_character(const char *text, size_t length);

/* Whether a character of Unicode is one of control: C0, DEL or C1, of which U+009B begins a
 * terminal's sequences as ESC [ does (ECMA-48, 5.3). */
bool is_control_character(uint32_t character);

/* Whether a character turns the order of others round, so that a name could pass for another one:
 * those with Bidi_Control in Unicode's PropList.txt. */
bool turns_text_round(uint32_t character);

/* Appends `value` as a string with its quotes, or null for NULL. A byte that is not UTF-8 becomes
 * U+FFFD. Characters of control and those that turn text round are escaped, as JSON may come
 * before a person's eyes too; programs read the same text. */
void json_string(struct text *text, const char *value);

/*
 * Append a member of an object: a comma unless it is the object's first (the text then ends in
 * "{"), the name, and the value.
 */
void json_member(struct text *text, const char *name, const char *value);
void json_member_bool(struct text *text, const char *name, bool value);
void json_member_number(struct text *text, const char *name, int64_t value);

/* Begins a member whose value the caller appends. */
void json_name(struct text *text, const char *name);

#endif
