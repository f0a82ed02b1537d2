/*
 * Variables as text for a shell to evaluate, or for a file that programs read.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_SHELL_TEXT_H
#define XACCT_XACCT_SHELL_TEXT_H

#include <stdbool.h>

#include "common/frame.h"
#include "xacct/text.h"

struct dialect;

/*
 * The dialect of this name: sh (also as bash, zsh), fish, dotenv or json; NULL stands for sh.
 * Returns NULL for a name that is none.
 */
const struct dialect *dialect_find(const char *name);

/* Whether the dialect is a shell's, and can so take variables away. */
bool dialect_is_shell(const struct dialect *dialect);

/* Appends what takes away all of variables_to_unset; nothing where the dialect is no shell's. */
void shell_text_unset(const struct dialect *dialect, struct text *text);

/* Appends what sets one variable; for a shell's dialect. */
void shell_text_set_one(const struct dialect *dialect, const char *name, const char *value,
                        struct text *text);

/*
 * Appends what sets the environment of a reply that variables_check has passed. Every statement
 * ends in ";" and a newline, so that it stays whole when a shell joins lines. Returns false, with a
 * sentence in `why`, when a value cannot be written in this dialect.
 */
bool shell_text_set(const struct dialect *dialect, const struct frame *reply, struct text *text,
                    char *why, size_t why_size);

#endif
