/*
 * What has been seen before, at 16 bytes a thing: a set of 64-bit hashes. Two different things are
 * taken for one by a chance of one in a million where ten million are marked.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_MARKS_H
#define XACCT_XACCT_ADMIN_MARKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One that is all zero is empty. */
struct marks {
    uint64_t *slots; /* 0: free */
    size_t count;
    size_t capacity; /* a power of two */
};

#define MARK_BEGIN UINT64_C(0xcbf29ce484222325)

/*
 * Goes on with a hash from MARK_BEGIN by one more text, whose end counts as well. NULL is as "".
 * Source: FNV-1a, draft-eastlake-fnv.
 */
uint64_t mark_text(uint64_t mark, const char *text);

/* Sets *is_new: whether the mark was not in the set, which it is from now on. Returns 0 or ENOMEM.
 */
int marks_add(struct marks *marks, uint64_t mark, bool *is_new);

void marks_free(struct marks *marks);

#endif
