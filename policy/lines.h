/*
 * What a line of a configuration file holds, whatever it means. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_LINES_H
#define XACCT_POLICY_LINES_H

#include <stdbool.h>
#include <stddef.h>

/* How many of the `length` bytes come before the first that is no text: a control character other
 * than a tab. All: `length`. */
size_t line_fit(const char *line, size_t length);

/* What of the text follows the blanks and tabs that it begins with. */
const char *line_skip_blanks(const char *text);

/* Whether `text` holds one of `bytes` next to a blank: before it, or, if `after` is set, behind. */
bool line_holds_beside_blank(const char *text, const char *bytes, bool after);

#endif
