/*
 * Pieces of memory on one chain.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/arena.h"

#include <stdalign.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Every piece is an allocation of its own, so that sanitizers see where each one ends. */
struct arena_piece {
    struct arena_piece *before;
    alignas(max_align_t) unsigned char bytes[];
};

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    struct arena_piece *piece = NULL;

    if (size == 0 || count <= (SIZE_MAX - sizeof *piece) / size)
        piece = calloc(1, sizeof *piece + count * size);
    if (piece == NULL) {
        arena->exhausted = true;
        return NULL;
    }
    piece->before = arena->last;
    arena->last = piece;
    return piece->bytes;
}

char *arena_text(struct arena *arena, const char *bytes, size_t length)
{
    char *text = length < SIZE_MAX ? arena_alloc(arena, length + 1, 1) : NULL;

    if (text != NULL && length > 0)
        memcpy(text, bytes, length);
    return text;
}

char *arena_vformat(struct arena *arena, const char *format, va_list arguments)
{
    va_list again;
    char *text = NULL;
    int length;

    va_copy(again, arguments);
    length = vsnprintf(NULL, 0, format, arguments);
    if (length < 0)
        arena->exhausted = true;
    else
        text = arena_alloc(arena, (size_t)length + 1, 1);
    if (text != NULL)
        vsnprintf(text, (size_t)length + 1, format, again);
    va_end(again);
    return text;
}

char *arena_format(struct arena *arena, const char *format, ...)
{
    va_list arguments;
    char *text;

    va_start(arguments, format);
    text = arena_vformat(arena, format, arguments);
    va_end(arguments);
    return text;
}

void *arena_grow(struct arena *arena, void *items, size_t count, size_t size)
{
    void *more;

    /* The room is always the next power of two, so it need not be remembered. */
    if (count > 0 && (count & (count - 1)) != 0)
        return items;
    more = arena_alloc(arena, count > 0 ? count : 1, count > 0 ? 2 * size : size);
    if (more != NULL && count > 0)
        memcpy(more, items, count * size);
    return more;
}

void arena_free(struct arena *arena)
{
    struct arena_piece *piece = arena->last;

    while (piece != NULL) {
        struct arena_piece *before = piece->before;

        free(piece);
        piece = before;
    }
    arena->last = NULL;
    arena->exhausted = false;
}
