/*
 * Comma-separated values as text: RFC 4180. What a spreadsheet would take for a formula, as it
 * begins with =, +, - or @, perhaps behind blanks and quotes, gets an apostrophe before it; so does
 * what stands like that behind a semicolon, which separates cells where commas are for decimals. A
 * control character, C1 too, is shown as \xHH; a byte that is not UTF-8 and a character that turns
 * text round are U+FFFD.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_CSV_TEXT_H
#define XACCT_XACCT_ADMIN_CSV_TEXT_H

#include <stddef.h>

#include "xacct/text.h"

/* Appends one record of `count` cells, of which NULL is empty, with its end of line. */
void csv_record(struct text *text, const char *const *cells, size_t count);

#endif
