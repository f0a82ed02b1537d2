/*
 * Owned lists of texts.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/text_list.h"

#include <stdlib.h>

void text_list_free(struct texts *list)
{
    size_t i;

    for (i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct texts){NULL, 0};
}
