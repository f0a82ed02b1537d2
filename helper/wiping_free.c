/*
 * free(3) and realloc(3) for the helper and all libraries in it: what is given back is overwritten.
 * libcurl, OpenSSL, libxml2 and libc's own streams copy what passes through them and free it as it
 * is. glibc's M_PERTURB would be the setting for this, but passes over the blocks up to about a
 * kilobyte that each thread keeps for itself, which are those that keys and tokens lie in.
 *
 * Left to the sanitizers and to valgrind, which bring their own, where the sandbox is left out.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_WITHOUT_SANDBOX

#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* glibc's own free, under the name that it keeps for whoever puts another in front. */
extern void __libc_free(void *memory);

__attribute__((visibility("default"))) void free(void *memory)
{
    if (memory != NULL)
        explicit_bzero(memory, malloc_usable_size(memory));
    __libc_free(memory);
}

__attribute__((visibility("default"))) void *realloc(void *memory, size_t size)
{
    size_t held;
    void *moved;

    if (memory == NULL)
        return malloc(size);
    if (size == 0) {
        free(memory);
        return NULL;
    }
    held = malloc_usable_size(memory);
    /* In place where it still fits without waste; what is cut off is overwritten. */
    if (size <= held && size >= held / 2) {
        explicit_bzero((char *)memory + size, held - size);
        return memory;
    }
    moved = malloc(size);
    if (moved != NULL) {
        memcpy(moved, memory, held < size ? held : size);
        free(memory);
    }
    return moved;
}

#endif
