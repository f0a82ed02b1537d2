/*
 * Following chains by Floyd's way of finding circles.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/circle.h"

#include <stddef.h>

/*
 * Whether following `next` comes back to `start`, and to no item before it. One that goes twice as
 * far is met again where the way ends in a circle of others.
 */
static bool leads_back(const void *start, const void *(*next)(const void *item))
{
    const void *slow = start, *fast = start;
    bool moves = false;

    while ((fast = next(fast)) != NULL && fast > start) {
        if (moves)
            slow = next(slow);
        if (fast == slow)
            return false;
        moves = !moves;
    }
    return fast == start;
}

static const char *name_of(const void *item)
{
    return *(const char *const *)item;
}

char *circle_through(struct arena *memory, const void *start, const void *(*next)(const void *item))
{
    const void *at;
    char *way;

    if (!leads_back(start, next))
        return NULL;
    way = arena_format(memory, "%s", name_of(start));
    for (at = next(start); way != NULL && at != start; at = next(at))
        way = arena_format(memory, "%s -> %s", way, name_of(at));
    return way != NULL ? arena_format(memory, "%s -> %s", way, name_of(start)) : NULL;
}
