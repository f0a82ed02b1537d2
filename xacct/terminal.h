/*
 * Text for a person's eyes: how wide it is, what of it is harmless, and what the terminal can do.
 * Call setlocale(LC_CTYPE, "") before; in the C locale whatever is not ASCII is escaped.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_TERMINAL_H
#define XACCT_XACCT_TERMINAL_H

#include <stdbool.h>
#include <stddef.h>

#include "xacct/text.h"

/*
 * Appends `words`, with every byte that is no printable character of the locale as \xHH, and cut to
 * `most` columns with an ellipsis at the end (0: not cut). Returns the columns that were added.
 */
size_t shown_add(struct text *text, const char *words, size_t most);

/* The columns that shown_add would add without a cut. */
size_t shown_width(const char *words);

/* The columns of the terminal that standard output is, or 0 when it is none or does not tell. */
size_t terminal_columns(void);

/* Whether colours are welcome: on a terminal that is not dumb, and without NO_COLOR. */
bool terminal_has_colours(void);

#endif
