/*
 * Owned lists of texts.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/text_list.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

int text_list_copy(struct texts *copy, const struct texts *list)
{
    struct texts made = {calloc(list->count + 1, sizeof *made.items), 0};

    *copy = (struct texts){NULL, 0};
    while (made.items != NULL && made.count < list->count) {
        made.items[made.count] = strdup(list->items[made.count]);
        if (made.items[made.count] == NULL)
            break;
        made.count++;
    }
    if (made.items == NULL || made.count < list->count) {
        text_list_free(&made);
        return ENOMEM;
    }
    *copy = made;
    return 0;
}

void text_list_free(struct texts *list)
{
    size_t i;

    for (i = 0; i < list->count; i++)
        free(list->items[i]);
    free(list->items);
    *list = (struct texts){NULL, 0};
}
