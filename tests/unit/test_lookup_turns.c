/*
 * Whose turn it is where all look-up processes are in use: root's and users'.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "lookup_rig.h"

/* Who was served, in that order: 'r' for root and 'u' for a user. */
static char order[8];

static void wait_as(bool is_roots)
{
    struct lookup *lookup;

    assert_int_equal(lookup_pool_take(&pool, is_roots, in_time(), &lookup), 0);
    strcat(order, is_roots ? "r" : "u");
    lookup_pool_give(&pool, lookup);
}

static void wait_as_user(void *argument)
{
    (void)argument;
    wait_as(false);
}

static void wait_as_root(void *argument)
{
    (void)argument;
    wait_as(true);
}

static void take_for_root(void *argument)
{
    struct lookup **kept = argument;

    assert_int_equal(lookup_pool_take(&pool, true, in_time(), kept), 0);
}

/* All are in use, and nobody was served. */
static void begin(void)
{
    order[0] = '\0';
    take_most();
}

/* Has so many wait, behind those that do. */
static void have_wait(void (*wait)(void *argument), void *argument, size_t count)
{
    struct task_queue nobody = {NULL, NULL};
    const size_t all = pool.waiting + count;
    size_t i;

    for (i = 0; i < count; i++)
        assert_int_equal(task_start(wait, argument), 0);
    while (pool.waiting < all)
        task_wait(&nobody, deadline_in_ms(1));
}

static void give_one(void)
{
    lookup_pool_give(&pool, taken[--taken_count]);
}

/* Waits until as many are served as these are, who have to be in this order. The rest comes back.
 */
static void end_with(const char *expected)
{
    struct task_queue nobody = {NULL, NULL};
    struct deadline deadline = in_time();

    while (strlen(order) < strlen(expected)) {
        assert_int_not_equal(deadline_left_ms(deadline), 0);
        task_wait(&nobody, deadline_in_ms(1));
    }
    assert_string_equal(order, expected);
    while (taken_count > 0)
        give_one();
}

/* What comes back is for root, who waits behind users, and before one who asks just then. */
static void take_as_root_and_users(void)
{
    begin();
    have_wait(wait_as_user, NULL, 2);
    have_wait(wait_as_root, NULL, 2);
    give_one();
    wait_as(false);
    end_with("rruuu");
}

static void root_comes_first(void **state)
{
    (void)state;
    with_pool(take_as_root_and_users);
}

/* However many of root's wait, a user has a turn. */
static void take_as_many_for_root(void)
{
    begin();
    have_wait(wait_as_user, NULL, 1);
    have_wait(wait_as_root, NULL, 6);
    give_one();
    end_with("rrrrurr");
}

static void root_leaves_users_a_turn(void **state)
{
    (void)state;
    with_pool(take_as_many_for_root);
}

/* Two come back at once, a user asks before root, who was called for one, has looked, and root has
 * no use for the other. */
static void take_as_root_and_keep_it(void)
{
    struct lookup *kept = NULL;

    begin();
    have_wait(take_for_root, &kept, 1);
    assert_int_equal(task_start(wait_as_user, NULL), 0);
    give_one();
    give_one();
    end_with("u");
    assert_non_null(kept);
    lookup_pool_give(&pool, kept);
}

static void what_root_has_no_use_for_is_the_next_users(void **state)
{
    (void)state;
    with_pool(take_as_root_and_keep_it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(root_comes_first),
        cmocka_unit_test(root_leaves_users_a_turn),
        cmocka_unit_test(what_root_has_no_use_for_is_the_next_users),
    };

    /* A failure on a task's stack cannot be gone on from. */
    setenv("CMOCKA_TEST_ABORT", "1", 1);
    return RUN_WITH_FORKER(tests);
}
