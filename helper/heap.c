/*
 * One huge page of heap.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/heap.h"

#ifdef XACCT_WITHOUT_SANDBOX

void heap_begin(void)
{
}

void heap_widen(void)
{
}

#else

#include <malloc.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define HUGE_PAGE ((size_t)2 * 1024 * 1024)
/* What is allocated until heap_widen: it may touch nothing of the huge page. */
#define BEFORE    ((size_t)32 * 1024)

static char *huge_page; /* NULL: the heap does not reach it */

void heap_begin(void)
{
    char *const end = sbrk(0);
    /* Up to a boundary of huge pages, and so far that what comes before fits. */
    const size_t gap = BEFORE + (HUGE_PAGE - ((uintptr_t)end + BEFORE) % HUGE_PAGE) % HUGE_PAGE;
    void *volatile first;

    /* So much is had ahead, and kept where blocks at the end are given back. */
    if (brk(end + (gap - BEFORE)) != 0 || mallopt(M_TOP_PAD, (int)(HUGE_PAGE + BEFORE)) == 0)
        return;
    /* With the first block comes all of it. */
    first = malloc(1);
    if (first != NULL)
        huge_page = end + gap;
    free(first);
}

void heap_widen(void)
{
    if (huge_page != NULL)
        (void)madvise(huge_page, HUGE_PAGE, MADV_HUGEPAGE);
}

#endif
