/*
 * A number for each different text, so that texts are compared once. Inside xacct diff only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_DIFF_NUMBERS_H
#define XACCT_XACCT_ADMIN_DIFF_NUMBERS_H

#include <stddef.h>

#include "policy/arena.h"
#include "policy/index.h"
#include "xacct/text.h"

/* Begins with nothing but `memory`; ends with index_free of `index`. */
struct numbers {
    struct arena *memory;
    const char **texts; /* by their numbers, which count from 0 */
    size_t count;
    struct index index;
};

/* The number of the text; 0 too without memory, which the arena remembers. */
size_t numbers_find(struct numbers *numbers, const struct text *text);

#endif
