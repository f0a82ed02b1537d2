/*
 * The arena for secrets: one locked mapping, cut into blocks first-fit. The number of secrets alive
 * at once is small, so walking the blocks costs nothing that would be felt.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "common/secret.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

/* Stands before each block's bytes; blocks lie end to end through the whole arena. */
struct block {
    size_t size; /* bytes behind this header, a multiple of its alignment */
    bool used;
} __attribute__((aligned(16)));

static struct {
    unsigned char *start;
    size_t size;
    bool (*reclaim)(void *argument);
    void *reclaim_argument;
} arena;

static struct block *first_block(void)
{
    return (struct block *)(void *)arena.start;
}

/* The block behind this one, or NULL at the end of the arena. */
static struct block *next_block(const struct block *block)
{
    unsigned char *next = (unsigned char *)block + sizeof *block + block->size;

    return next < arena.start + arena.size ? (struct block *)(void *)next : NULL;
}

/*
 * Locks each page when it is touched first: an arena for many is not paid for by few. Valgrind does
 * not know that call, and locks all at once. Returns 0, or -1 with errno.
 */
static int lock(void *start, size_t size)
{
    if (mlock2(start, size, MLOCK_ONFAULT) == 0)
        return 0;
    /* What glibc makes of ENOSYS. */
    return errno == EINVAL ? mlock(start, size) : -1;
}

int secret_arena_open(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    void *start;
    int error;

    if (arena.start != NULL || size == 0 || size > SIZE_MAX / 2)
        return EINVAL;
    size = (size + page - 1) / page * page;
    start = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (start == MAP_FAILED)
        return errno;
    if (lock(start, size) != 0 || madvise(start, size, MADV_DONTDUMP) != 0) {
        error = errno;
        munmap(start, size);
        return error;
    }
    /* Valgrind does not know this one; a child that forks off before any secret has none anyway. */
    (void)madvise(start, size, MADV_WIPEONFORK);
    arena.start = start;
    arena.size = size;
    *first_block() = (struct block){.size = size - sizeof(struct block)};
    return 0;
}

void secret_arena_close(void)
{
    struct block *block;

    if (arena.start == NULL)
        return;
    /* What is free was wiped when it was given back, and pages that nobody touched stay so. */
    for (block = first_block(); block != NULL; block = next_block(block))
        if (block->used)
            explicit_bzero(block + 1, block->size);
    munmap(arena.start, arena.size);
    arena.start = NULL;
    arena.size = 0;
    arena.reclaim = NULL;
}

void secret_arena_set_reclaim(bool (*reclaim)(void *argument), void *argument)
{
    arena.reclaim = reclaim;
    arena.reclaim_argument = argument;
}

/* Cuts a block to `size` bytes where what is left over can be a block of its own. */
static void cut_block(struct block *block, size_t size)
{
    struct block *rest;

    if (block->size - size <= sizeof *rest)
        return;
    rest = (struct block *)(void *)((unsigned char *)(block + 1) + size);
    *rest = (struct block){.size = block->size - size - sizeof *rest};
    block->size = size;
}

/* Takes the first block that is large enough. Returns 0 or ENOMEM. */
static int take_block(struct secret *secret, size_t length, size_t size)
{
    struct block *block;

    for (block = first_block(); block != NULL; block = next_block(block)) {
        if (block->used || block->size < size)
            continue;
        cut_block(block, size);
        block->used = true;
        memset(block + 1, 0, block->size);
        secret->bytes = (char *)(block + 1);
        secret->length = length;
        return 0;
    }
    return ENOMEM;
}

int secret_new(struct secret *secret, size_t length)
{
    size_t size;

    if (arena.start == NULL || length >= arena.size)
        return ENOMEM;
    size = (length + 1 + sizeof(struct block) - 1) / sizeof(struct block) * sizeof(struct block);
    while (take_block(secret, length, size) != 0)
        if (arena.reclaim == NULL || !arena.reclaim(arena.reclaim_argument))
            return ENOMEM;
    return 0;
}

int secret_copy(struct secret *secret, const void *bytes, size_t length)
{
    int error = secret_new(secret, length);

    if (error == 0 && length > 0)
        memcpy(secret->bytes, bytes, length);
    return error;
}

/* Joins free blocks that lie end to end, so that the arena does not fall to pieces. */
static void join_free_blocks(void)
{
    struct block *block, *next;

    for (block = first_block(); block != NULL; block = next_block(block))
        while (!block->used && (next = next_block(block)) != NULL && !next->used)
            block->size += sizeof *next + next->size;
}

void secret_free(struct secret *secret)
{
    struct block *block;

    if (secret == NULL || secret->bytes == NULL)
        return;
    block = (struct block *)(void *)secret->bytes - 1;
    explicit_bzero(secret->bytes, block->size);
    block->used = false;
    secret->bytes = NULL;
    secret->length = 0;
    join_free_blocks();
}
