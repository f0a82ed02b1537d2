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
#include <sys/mman.h>

/*
 * Pieces grow from the one size to the other, so that a small arena is small and a large one has
 * few pieces. Where a sanitizer or valgrind is to see where each thing ends, each is a piece of its
 * own.
 */
#if defined __SANITIZE_ADDRESS__ || defined XACCT_WITHOUT_SANDBOX
#define PIECE_FIRST   ((size_t)0)
#define PIECE_LARGEST ((size_t)0)
#else
#define PIECE_FIRST   ((size_t)1024)
#define PIECE_LARGEST ((size_t)128 * 1024)
#endif

/*
 * What is larger is mapped in pages of the next size that x86-64 and aarch64 have, where the kernel
 * gives them: to get thousands of small ones, one fault after the other, takes longer than to fill
 * them.
 */
#define HUGE_PAGE ((size_t)2 * 1024 * 1024)

/* Bytes, with the NUL, of a text that is made once, and not a first time to be measured. */
#define SHORT_TEXT 256

struct arena_piece {
    struct arena_piece *before;
    size_t used; /* bytes, of `room` */
    size_t room;
    size_t mapped; /* bytes to be given back to the kernel, or 0: it is malloc's */
    alignas(max_align_t) unsigned char bytes[];
};

/* A new piece of `room` bytes, zeroed, of which `size` are taken; or NULL. */
static struct arena_piece *new_piece(struct arena *arena, size_t room, size_t size)
{
    struct arena_piece *piece = NULL;

    if (room <= SIZE_MAX - sizeof *piece)
        piece = calloc(1, sizeof *piece + room);
    if (piece == NULL) {
        arena->exhausted = true;
        return NULL;
    }
    piece->used = size;
    piece->room = room;
    return piece;
}

/* `size` bytes, a multiple of HUGE_PAGE, from such a multiple on; or NULL. */
static void *map_huge(size_t size)
{
    unsigned char *start, *aligned;
    size_t before;

    if (size > SIZE_MAX - HUGE_PAGE)
        return NULL;
    start =
        mmap(NULL, size + HUGE_PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED)
        return NULL;
    before = -(uintptr_t)start % HUGE_PAGE;
    aligned = start + before;
    if (before > 0)
        munmap(start, before);
    munmap(aligned + size, HUGE_PAGE - before);
    /* A kernel without them gives small ones. */
    (void)madvise(aligned, size, MADV_HUGEPAGE);
    return aligned;
}

/* A new mapped piece, zeroed, of which `size` bytes are taken; or NULL. */
static struct arena_piece *map_piece(struct arena *arena, size_t size)
{
    struct arena_piece *piece = NULL;
    size_t mapped = 0;

    if (size < SIZE_MAX - sizeof *piece - HUGE_PAGE) {
        mapped = (sizeof *piece + size + HUGE_PAGE - 1) / HUGE_PAGE * HUGE_PAGE;
        piece = map_huge(mapped);
    }
    if (piece == NULL) {
        arena->exhausted = true;
        return NULL;
    }
    piece->used = size;
    piece->room = mapped - sizeof *piece;
    piece->mapped = mapped;
    return piece;
}

/* Whether a piece of this size is mapped, and not malloc's. */
static bool is_mapped(size_t size)
{
    return PIECE_LARGEST > 0 && size > PIECE_LARGEST;
}

/* `size` bytes of a new piece. */
static void *take_new(struct arena *arena, size_t size)
{
    size_t room = arena->last != NULL ? 2 * arena->last->room : PIECE_FIRST;
    struct arena_piece **place = &arena->last;
    struct arena_piece *piece;

    if (is_mapped(size) || is_mapped(room)) {
        piece = map_piece(arena, size);
    } else {
        if (room > PIECE_LARGEST)
            room = PIECE_LARGEST;
        /* What would waste much of a piece has one of its own, and the last one stays in use. */
        if (size > room / 4) {
            room = size;
            if (arena->last != NULL)
                place = &arena->last->before;
        }
        piece = new_piece(arena, room, size);
    }
    if (piece == NULL)
        return NULL;
    piece->before = *place;
    *place = piece;
    return piece->bytes;
}

/* `size` bytes, zeroed, at a multiple of `alignment`, which is a power of two; or NULL. */
static inline void *take(struct arena *arena, size_t size, size_t alignment)
{
    struct arena_piece *piece = arena->last;
    size_t start;

    if (piece != NULL) {
        start = (piece->used + alignment - 1) & ~(alignment - 1);
        if (start <= piece->room && size <= piece->room - start) {
            piece->used = start + size;
            return piece->bytes + start;
        }
    }
    return take_new(arena, size);
}

void *arena_alloc(struct arena *arena, size_t count, size_t size)
{
    size_t bytes;

    if (__builtin_mul_overflow(count, size, &bytes)) {
        arena->exhausted = true;
        return NULL;
    }
    return take(arena, bytes, alignof(max_align_t));
}

char *arena_text(struct arena *arena, const char *bytes, size_t length)
{
    char *text = NULL;

    if (length < SIZE_MAX)
        text = take(arena, length + 1, 1);
    else
        arena->exhausted = true;
    if (text != NULL && length > 0)
        memcpy(text, bytes, length);
    return text;
}

char *arena_vformat(struct arena *arena, const char *format, va_list arguments)
{
    char most[SHORT_TEXT], *text = NULL;
    va_list again;
    int length;

    va_copy(again, arguments);
    length = vsnprintf(most, sizeof most, format, arguments);
    if (length < 0)
        arena->exhausted = true;
    else if ((size_t)length < sizeof most)
        text = arena_text(arena, most, (size_t)length);
    else
        text = arena_alloc(arena, (size_t)length + 1, 1);
    if (text != NULL && (size_t)length >= sizeof most)
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

        if (piece->mapped > 0)
            munmap(piece, piece->mapped);
        else
            free(piece);
        piece = before;
    }
    *arena = (struct arena){.last = NULL};
}
