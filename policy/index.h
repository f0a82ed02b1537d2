/*
 * Finding things by name, in a time that does not depend on how many there are: a hash table of
 * pointers to structs whose first member is their name, a `char *` or `const char *`.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_INDEX_H
#define XACCT_POLICY_INDEX_H

#include "policy/arena.h"

/* One that is all zero is empty and ready. */
struct index {
    struct index_table *table;
    struct arena *memory; /* set before the first item comes: the table lies in it, and with it what
                             the table outgrew, until the arena is freed. NULL: malloc's */
};

/*
 * Makes room for so many items in an index that is empty: else it grows as they come, and each time
 * puts those that it has into another place. Where there is no memory it stays as it is.
 */
void index_expect(struct index *index, size_t count);

/*
 * Adds `item` unless one with its name is there. Returns the item that has the name afterwards, so
 * another than `item` means that the name was taken; or NULL when there is no memory. The items
 * stay the caller's and must outlive the index.
 */
void *index_add(struct index *index, void *item);

/*
 * Where the item with this name is kept: it holds the item, or NULL where there is none yet, and
 * then the caller puts one of this name there at once, or leaves it. NULL when there is no memory.
 */
void **index_place(struct index *index, const char *name);

/* The item with this name, or NULL. */
void *index_find(const struct index *index, const char *name);

/* Frees the index, not the items. It is empty afterwards. */
void index_free(struct index *index);

#endif
