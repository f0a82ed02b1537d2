/*
 * A set of hashes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/marks.h"

#include <errno.h>
#include <stdlib.h>

#define FIRST_CAPACITY ((size_t)1024)
#define PRIME          UINT64_C(0x100000001b3)

uint64_t mark_text(uint64_t mark, const char *text)
{
    const unsigned char *byte = (const unsigned char *)(text != NULL ? text : "");

    for (; *byte != 0; byte++)
        mark = (mark ^ *byte) * PRIME;
    return mark * PRIME;
}

/* The slot that the mark is in, or is to be put into. */
static uint64_t *find(const struct marks *marks, uint64_t mark)
{
    /* The low bits of such a hash are of the last bytes alone. */
    size_t at = (size_t)(mark ^ mark >> 32) & (marks->capacity - 1);

    while (marks->slots[at] != 0 && marks->slots[at] != mark)
        at = (at + 1) & (marks->capacity - 1);
    return &marks->slots[at];
}

static int grow(struct marks *marks)
{
    struct marks grown = {.count = marks->count};
    size_t i;

    grown.capacity = marks->capacity > 0 ? 2 * marks->capacity : FIRST_CAPACITY;
    grown.slots = calloc(grown.capacity, sizeof *grown.slots);
    if (grown.slots == NULL)
        return ENOMEM;
    for (i = 0; i < marks->capacity; i++)
        if (marks->slots[i] != 0)
            *find(&grown, marks->slots[i]) = marks->slots[i];
    free(marks->slots);
    *marks = grown;
    return 0;
}

int marks_add(struct marks *marks, uint64_t mark, bool *is_new)
{
    uint64_t *slot;

    if (mark == 0)
        mark = 1;
    if (2 * (marks->count + 1) > marks->capacity && grow(marks) != 0)
        return ENOMEM;
    slot = find(marks, mark);
    *is_new = *slot == 0;
    *slot = mark;
    marks->count += *is_new;
    return 0;
}

void marks_free(struct marks *marks)
{
    free(marks->slots);
    *marks = (struct marks){.slots = NULL};
}
