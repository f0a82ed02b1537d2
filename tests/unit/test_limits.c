/*
 * Limits: how many at once, how soon they come back, and that nobody pays for another.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>

#include "helper/limits.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What the header promises. */
static const struct {
    enum limit limit;
    int most;
    int per_second; /* 0: what is taken is given back */
} promised[] = {
    {LIMIT_CONNECTIONS, 16, 0}, {LIMIT_STRANGERS, 64, 0}, {LIMIT_REQUESTS, 32, 0},
    {LIMIT_LOOK_UPS, 4, 0},     {LIMIT_CALLS, 120, 2},    {LIMIT_USES, 600, 5},
    {LIMIT_REFUSALS, 60, 1},
};

/* Some instant, so many milliseconds later. */
static struct deadline at_ms(int64_t ms)
{
    return (struct deadline){INT64_C(5000000000) + ms * 1000000};
}

/* How many of up to `most` can be taken at one instant. */
static int take(struct limits *limits, enum limit limit, const char *name, int most, int64_t ms)
{
    int taken = 0;

    while (taken < most && limits_take(limits, limit, name, at_ms(ms)))
        taken++;
    return taken;
}

static void each_limit_lets_so_many_through(void **state)
{
    struct limits *limits = limits_new();
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(promised); i++) {
        assert_int_equal(take(limits, promised[i].limit, "alice", 1000, 0), promised[i].most);
        assert_int_equal(take(limits, promised[i].limit, "bob", 1000, 0), promised[i].most);
    }
    limits_free(limits);
}

static void a_name_that_begins_like_another_is_another(void **state)
{
    struct limits *limits = limits_new();

    (void)state;
    assert_int_equal(take(limits, LIMIT_CONNECTIONS, "100", 1000, 0), 16);
    assert_int_equal(take(limits, LIMIT_CONNECTIONS, "1000", 1000, 0), 16);
    assert_int_equal(take(limits, LIMIT_CONNECTIONS, "", 1000, 0), 16);
    limits_free(limits);
}

static void what_is_given_back_can_be_taken_again_and_time_gives_nothing(void **state)
{
    struct limits *limits = limits_new();
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(promised); i++) {
        const enum limit limit = promised[i].limit;

        if (promised[i].per_second > 0)
            continue;
        take(limits, limit, "alice", 1000, 0);
        assert_false(limits_take(limits, limit, "alice", at_ms(INT64_C(86400000))));
        limits_give(limits, limit, "alice");
        limits_give(limits, limit, "alice");
        assert_int_equal(take(limits, limit, "alice", 1000, 0), 2);
        /* What nobody has taken cannot be given. */
        limits_give(limits, limit, "bob");
        assert_int_equal(take(limits, limit, "bob", 1000, 0), promised[i].most);
    }
    limits_free(limits);
}

static void what_time_gives_back_comes_piece_by_piece_up_to_the_most(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < COUNT(promised); i++) {
        const enum limit limit = promised[i].limit;
        const int most = promised[i].most;
        struct limits *limits = limits_new();
        int64_t each;

        if (promised[i].per_second == 0) {
            limits_free(limits);
            continue;
        }
        each = 1000 / promised[i].per_second;
        assert_int_equal(take(limits, limit, "alice", 1000, 0), most);
        assert_int_equal(take(limits, limit, "alice", 1000, each - 1), 0);
        assert_int_equal(take(limits, limit, "alice", 1000, each), 1);
        /* Asking in vain does not put it off. */
        assert_int_equal(take(limits, limit, "alice", 1000, 2 * each - 1), 0);
        assert_int_equal(take(limits, limit, "alice", 1000, 2 * each), 1);
        assert_int_equal(take(limits, limit, "alice", 1000, 5 * each + each / 2), 3);
        assert_int_equal(take(limits, limit, "alice", 1000, 6 * each), 1);
        /* After a long time it is full, and no fuller. */
        assert_int_equal(take(limits, limit, "alice", 1000, 100000000), most);
        assert_int_equal(take(limits, limit, "alice", 1000, 100000000), 0);
        limits_free(limits);
    }
}

static void many_names_are_counted_each_for_itself(void **state)
{
    struct limits *limits = limits_new();
    char name[16];
    int i;

    (void)state;
    for (i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "user-%d", i);
        assert_int_equal(take(limits, LIMIT_REFUSALS, name, i % 61, 0), i % 61);
    }
    for (i = 0; i < 500; i++) {
        snprintf(name, sizeof name, "user-%d", i);
        assert_int_equal(take(limits, LIMIT_REFUSALS, name, 1000, 0), 60 - i % 61);
    }
    limits_free(limits);
}

static void refusals_that_are_kept_back_are_told_once_however_late(void **state)
{
    struct limits *limits = limits_new();

    (void)state;
    assert_int_equal(take(limits, LIMIT_REFUSALS, "alice", 1000, 0), 60);
    assert_int_equal(limits_kept_back(limits, "bob"), 0);
    assert_int_equal(take(limits, LIMIT_REFUSALS, "alice", 1000, 0), 0);
    assert_int_equal(take(limits, LIMIT_REFUSALS, "alice", 1000, 1), 0);
    /* Calls that are over their limit are refused, and that is written. */
    take(limits, LIMIT_CALLS, "alice", 1000, 0);
    assert_int_equal(take(limits, LIMIT_REFUSALS, "bob", 1, 100000000), 1);
    assert_int_equal(take(limits, LIMIT_REFUSALS, "alice", 1, 100000000), 1);
    assert_int_equal(limits_kept_back(limits, "alice"), 3);
    assert_int_equal(limits_kept_back(limits, "alice"), 0);
    assert_int_equal(limits_kept_back(limits, "bob"), 0);
    limits_free(limits);
}

static void without_limits_everything_passes(void **state)
{
    (void)state;
    assert_int_equal(take(NULL, LIMIT_CALLS, "alice", 1000, 0), 1000);
    limits_give(NULL, LIMIT_CONNECTIONS, "alice");
    assert_int_equal(limits_kept_back(NULL, "alice"), 0);
    limits_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_limit_lets_so_many_through),
        cmocka_unit_test(a_name_that_begins_like_another_is_another),
        cmocka_unit_test(what_is_given_back_can_be_taken_again_and_time_gives_nothing),
        cmocka_unit_test(what_time_gives_back_comes_piece_by_piece_up_to_the_most),
        cmocka_unit_test(many_names_are_counted_each_for_itself),
        cmocka_unit_test(refusals_that_are_kept_back_are_told_once_however_late),
        cmocka_unit_test(without_limits_everything_passes),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
