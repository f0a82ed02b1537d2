/*
 * Libraries that are loaded where they are needed first, and not with the program: a helper that is
 * started for one login is done before some of them would be bound. The file is found as the
 * dynamic linker finds those that a program names itself (dlopen(3)), and stays.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_LIBRARY_H
#define XACCT_HELPER_LIBRARY_H

#include <stddef.h>

/* What is wanted of a library. */
struct library_symbol {
    const char *name;
    void *place; /* a pointer, to a function or an object, that is to point to it */
};

/*
 * Loads the library `file`, a name without a slash, and fills the places. Returns 0, or ELIBACC,
 * logged, when it is not there or lacks one of them.
 */
int library_load(const char *file, const struct library_symbol *symbols, size_t count);

#endif
