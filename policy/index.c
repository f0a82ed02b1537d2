/*
 * The tree is libc's, tsearch(3), which keeps it balanced.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/index.h"

#include <search.h>
#include <stddef.h>
#include <string.h>

/* A pointer to a struct is a pointer to its first member: the name. */
static int compare_names(const void *a, const void *b)
{
    return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static void keep(void *item)
{
    (void)item;
}

void *index_add(struct index *index, void *item)
{
    void **node = tsearch(item, &index->root, compare_names);

    return node != NULL ? *node : NULL;
}

void *index_find(const struct index *index, const char *name)
{
    void **node = tfind(&name, &index->root, compare_names);

    return node != NULL ? *node : NULL;
}

void index_free(struct index *index)
{
    tdestroy(index->root, keep);
    index->root = NULL;
}
