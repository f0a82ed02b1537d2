/*
 * Allocations that fail. The C library keeps its own under other names for whoever puts another in
 * front, so that nothing has to be looked up, which would allocate itself.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <sys/mman.h>

#include "tests/faults/wrapped.h"

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *memory, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);
extern void __libc_free(void *memory);

/* Keeps account of what was allocated, and returns it. */
static void *watch(void *memory, const void *caller)
{
    plan_watch(memory, caller);
    return memory;
}

SHOWN void *malloc(size_t size)
{
    if (plan_strikes(KIND_MEMORY, "malloc", ENOMEM, CALLER))
        return NULL;
    return watch(__libc_malloc(size), CALLER);
}

SHOWN void *calloc(size_t count, size_t size)
{
    if (plan_strikes(KIND_MEMORY, "calloc", ENOMEM, CALLER))
        return NULL;
    return watch(__libc_calloc(count, size), CALLER);
}

/* Where the helper has one of its own, it calls malloc. */
static void *reallocate(void *memory, size_t size, const void *caller)
{
    void *moved;

    if (size > 0 && plan_strikes(KIND_MEMORY, "realloc", ENOMEM, caller))
        return NULL;
    moved = __libc_realloc(memory, size);
    if (moved != NULL || size == 0) {
        plan_unwatch(memory);
        plan_watch(moved, caller);
    }
    return moved;
}

SHOWN void *realloc(void *memory, size_t size)
{
    return reallocate(memory, size, CALLER);
}

SHOWN int posix_memalign(void **memory, size_t alignment, size_t size)
{
    if (plan_strikes(KIND_MEMORY, "posix_memalign", ENOMEM, CALLER))
        return ENOMEM;
    *memory = watch(__libc_memalign(alignment, size), CALLER);
    return *memory != NULL ? 0 : ENOMEM;
}

/* Frees; what is freed while the way to do so is looked for stays, which is a few bytes. */
static void give_back(void *memory)
{
    static void (*real)(void *);
    static __thread bool finds __attribute__((tls_model("initial-exec")));

    plan_unwatch(memory);
    if (finds)
        return;
    finds = true;
    FIND_REAL(real, "__libc_free");
    finds = false;
    real(memory);
}

SHOWN void free(void *memory)
{
    give_back(memory);
}

/* What the helper's own free calls once it has overwritten what is freed. */
SHOWN void __libc_free(void *memory)
{
    give_back(memory);
}

WRAPPED(void *, mmap, (void *at, size_t size, int protection, int flags, int fd, off_t from),
        (at, size, protection, flags, fd, from), KIND_MAP, ENOMEM, MAP_FAILED)
WRAPPED(int, mprotect, (void *at, size_t size, int protection), (at, size, protection), KIND_MAP,
        ENOMEM, -1)
WRAPPED(int, mlock, (const void *at, size_t size), (at, size), KIND_MAP, ENOMEM, -1)
