/*
 * Numbers for texts.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/diff_numbers.h"

struct numbered {
    const char *text;
    size_t number;
};

size_t numbers_find(struct numbers *numbers, const struct text *text)
{
    struct arena *memory = numbers->memory;
    struct numbered *numbered = arena_alloc(memory, 1, sizeof *numbered), *known = NULL;
    const char **texts = arena_grow(memory, numbers->texts, numbers->count, sizeof *texts);

    if (numbered == NULL || texts == NULL || text->failed)
        goto done;
    numbers->texts = texts;
    numbered->text = arena_text(memory, text->bytes, text->length);
    numbered->number = numbers->count;
    if (numbered->text != NULL)
        known = index_add(&numbers->index, numbered);
    if (known == numbered)
        texts[numbers->count++] = numbered->text;

done:
    if (known == NULL)
        memory->exhausted = true;
    return known != NULL ? known->number : 0;
}
