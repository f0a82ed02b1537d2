/*
 * Memory that is taken bit by bit and given back all at once: a policy is thousands of small texts
 * and lists that live and die together.
 *
 * An arena that once failed to get memory says so in `exhausted`, so that whoever builds something
 * in it can go on with what there is and refuse the whole at the end.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_ARENA_H
#define XACCT_POLICY_ARENA_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

/* One that is all zero is empty and ready. */
struct arena {
    struct arena_piece *last;
    bool exhausted; /* memory was refused at least once */
};

/* `count` times `size` bytes, zeroed and aligned for any type; or NULL. */
void *arena_alloc(struct arena *arena, size_t count, size_t size);

/* A copy of `length` bytes with a NUL after them; or NULL. */
char *arena_text(struct arena *arena, const char *bytes, size_t length);

/* A text as printf(3) makes it; or NULL. */
char *arena_format(struct arena *arena, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
char *arena_vformat(struct arena *arena, const char *format, va_list arguments)
    __attribute__((format(printf, 2, 0)));

/*
 * Makes room for one more item in a list that only ever grows through this function: returns the
 * list with room for `count` + 1 items of `size` bytes, of which the new one is zeroed. The list is
 * `items` itself, or a copy of twice the room; `items` is NULL when `count` is 0. Or NULL, and the
 * list is as it was.
 */
void *arena_grow(struct arena *arena, void *items, size_t count, size_t size);

/* Frees every piece. The arena is empty afterwards. */
void arena_free(struct arena *arena);

#endif
