/*
 * The heap of a helper that is started for one login.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/heap.h"

#ifdef XACCT_WITHOUT_SANDBOX

int main(void)
{
    /* It is the sanitizer's or valgrind's. */
    return 0;
}

#else

#define HUGE_PAGE ((uintptr_t)2 * 1024 * 1024)
#define BLOCK     500
#define BLOCKS    2500 /* with what malloc(3) adds to each, more than half of the page */

static unsigned char *blocks[BLOCKS];

static int allocate(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < BLOCKS; i++) {
        blocks[i] = malloc(BLOCK);
        assert_non_null(blocks[i]);
    }
    return 0;
}

static int release(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < BLOCKS; i++)
        free(blocks[i]);
    return 0;
}

/* What the kernel says of the mapping in which `address` lies. */
static void read_flags(uintptr_t address, char *flags, size_t size)
{
    FILE *maps = fopen("/proc/self/smaps", "re");
    unsigned long start, end;
    bool here = false;

    assert_non_null(maps);
    flags[0] = '\0';
    while (fgets(flags, (int)size, maps) != NULL && !(here && strncmp(flags, "VmFlags:", 8) == 0))
        if (sscanf(flags, "%lx-%lx ", &start, &end) == 2)
            here = start <= address && address < end;
    fclose(maps);
    assert_true(here);
}

static void nearly_all_of_it_lies_in_one_huge_page(void **state)
{
    const uintptr_t page = (uintptr_t)blocks[BLOCKS - 1] / HUGE_PAGE;
    char flags[512];
    size_t i, in_it = 0;

    (void)state;
    for (i = 0; i < BLOCKS; i++)
        in_it += (uintptr_t)blocks[i] / HUGE_PAGE == page;
    /* But what fits into the 32 KB before. */
    assert_in_range(in_it, BLOCKS - 32 * 1024 / BLOCK, BLOCKS);
    /* A kernel may be built without them. */
    if (access("/sys/kernel/mm/transparent_hugepage", F_OK) != 0)
        return;
    read_flags((uintptr_t)blocks[BLOCKS - 1], flags, sizeof flags);
    assert_non_null(strstr(flags, " hg"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nearly_all_of_it_lies_in_one_huge_page),
    };

    heap_begin();
    heap_widen();
    return cmocka_run_group_tests(tests, allocate, release);
}

#endif
