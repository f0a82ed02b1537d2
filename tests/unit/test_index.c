/*
 * What a policy is built of in memory: an index finds what was put into it, whatever its size, and
 * an arena gives out memory of its own each time.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include <stdalign.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "policy/arena.h"
#include "policy/index.h"

#define ITEMS 5000

struct item {
    char *name;
};

/* Fills an index with its memory from the arena, or from malloc where that is NULL, and asks it. */
static void fill_and_find(struct arena *memory)
{
    static struct item items[ITEMS], again;
    static char names[ITEMS][16];
    struct index index = {.memory = memory};

    assert_null(index_find(&index, ""));
    for (unsigned i = 0; i < ITEMS; i++) {
        snprintf(names[i], sizeof names[i], "%u", i);
        items[i].name = names[i];
        assert_null(index_find(&index, names[i]));
        assert_ptr_equal(index_add(&index, &items[i]), &items[i]);
    }
    for (unsigned i = 0; i < ITEMS; i++) {
        char name[16];

        snprintf(name, sizeof name, "%u", i);
        assert_ptr_equal(index_find(&index, name), &items[i]);
        again.name = name;
        assert_ptr_equal(index_add(&index, &again), &items[i]);
        name[strlen(name)] = 'x';
        name[strlen(names[i]) + 1] = '\0';
        assert_null(index_find(&index, name));
    }
    assert_null(index_find(&index, ""));
    index_free(&index);
    assert_null(index_find(&index, "1"));
    index_free(&index);
}

static void an_index_finds_each_item_by_its_name_and_no_other(void **state)
{
    struct arena arena = {NULL, false};

    (void)state;
    fill_and_find(NULL);
    fill_and_find(&arena);
    assert_false(arena.exhausted);
    arena_free(&arena);
}

/* The size of a piece of memory that is taken in this round: small, and sometimes large. */
static size_t size_of(unsigned round)
{
    return round % 50 == 0 ? 100 * round + 1 : round % 40;
}

static void an_arena_gives_out_zeroed_memory_that_is_nobody_elses(void **state)
{
    enum { ROUNDS = 2000 };
    static unsigned char *pieces[ROUNDS];
    struct arena arena = {NULL, false};

    (void)state;
    for (unsigned i = 0; i < ROUNDS; i++) {
        size_t size = size_of(i);

        if (i % 3 == 0) {
            pieces[i] = (unsigned char *)arena_text(&arena, "", 0);
            assert_non_null(pieces[i]);
            assert_int_equal(*pieces[i], '\0');
        }
        pieces[i] = arena_alloc(&arena, size, 1);
        assert_non_null(pieces[i]);
        assert_int_equal((uintptr_t)pieces[i] % alignof(max_align_t), 0);
        for (size_t j = 0; j < size; j++)
            assert_int_equal(pieces[i][j], 0);
        memset(pieces[i], (int)(i % 255) + 1, size);
    }
    for (unsigned i = 0; i < ROUNDS; i++)
        for (size_t j = 0; j < size_of(i); j++)
            if (pieces[i][j] != i % 255 + 1)
                fail_msg("byte %zu of piece %u was written over", j, i);
    assert_false(arena.exhausted);
    assert_null(arena_alloc(&arena, SIZE_MAX, 2));
    assert_true(arena.exhausted);
    arena_free(&arena);
    assert_false(arena.exhausted);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_index_finds_each_item_by_its_name_and_no_other),
        cmocka_unit_test(an_arena_gives_out_zeroed_memory_that_is_nobody_elses),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
