/*
 * Untrusted text on its way to a terminal, through common/escape.h, whatever its length.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_ESCAPED_H
#define XACCT_XACCT_ADMIN_ESCAPED_H

#include "xacct/text.h"

struct texts;

/* Appends a name as escape() has it. */
void escaped_add(struct text *text, const char *name);

/* Appends a sentence that may quote names as they are, as escape_sentence() has it. */
void escaped_add_sentence(struct text *text, const char *sentence);

/* Appends "note: " and the sentence, a line each. */
void escaped_add_notes(struct text *text, const struct texts *notes);

#endif
