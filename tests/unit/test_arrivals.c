/*
 * Arrivals: so many in a row, so many a second, and each uid by itself.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helper/arrivals.h"

#define ALICE 1001
#define BOB   1002

/* What newuidmap(1) gives to one user. */
#define SUBUIDS      100000
#define SUBUID_COUNT 65536

/* Some instant, so many milliseconds later. */
static struct deadline at_ms(int64_t ms)
{
    return (struct deadline){INT64_C(5000000000) + ms * 1000000};
}

/* How many of two thousand come in at one instant. */
static int take(struct arrivals *arrivals, uid_t uid, int64_t ms)
{
    int taken = 0, i;

    for (i = 0; i < 2000; i++)
        taken += arrivals_take(arrivals, uid, at_ms(ms));
    return taken;
}

static void so_many_may_come_in_a_row_and_so_many_a_second_after_that(void **state)
{
    struct arrivals arrivals = {.count = 0};

    (void)state;
    assert_int_equal(take(&arrivals, ALICE, 0), ARRIVALS_MOST);
    assert_int_equal(take(&arrivals, ALICE, 0), 0);
    assert_int_equal(take(&arrivals, ALICE, 1000), ARRIVALS_PER_SECOND);
    assert_int_equal(take(&arrivals, ALICE, 1500), ARRIVALS_PER_SECOND / 2);
    assert_int_equal(take(&arrivals, ALICE, 60000), ARRIVALS_MOST);
}

/* Each of the first uids of a user's range may come at one moment. */
static void each_comes_once(struct arrivals *arrivals, uid_t count)
{
    uid_t uid;

    for (uid = SUBUIDS; uid < SUBUIDS + count; uid++)
        assert_true(arrivals_take(arrivals, uid, at_ms(0)));
}

/* Neither a uid beside it, nor any that is a round number away, nor one of the many of a user. */
static void no_uid_pays_for_another(void **state)
{
    struct arrivals arrivals = {.count = 0};
    int bit;

    (void)state;
    assert_int_equal(take(&arrivals, ALICE, 0), ARRIVALS_MOST);
    assert_int_equal(take(&arrivals, BOB, 0), ARRIVALS_MOST);
    for (bit = 2; bit < 32; bit++)
        assert_true(arrivals_take(&arrivals, ALICE ^ UINT32_C(1) << bit, at_ms(0)));
    each_comes_once(&arrivals, SUBUID_COUNT);
}

/* However many uids come at one instant, those who come too often are still known. */
static void who_floods_is_not_forgotten_for_the_many_who_came_once(void **state)
{
    struct arrivals arrivals = {.count = 0};

    (void)state;
    assert_int_equal(take(&arrivals, ALICE, 0), ARRIVALS_MOST);
    assert_true(arrivals_take(&arrivals, BOB, at_ms(0)));
    each_comes_once(&arrivals, SUBUID_COUNT);
    assert_int_equal(arrivals.count, ARRIVALS_UIDS);
    assert_int_equal(take(&arrivals, ALICE, 0), 0);
    assert_true(arrivals_take(&arrivals, BOB, at_ms(0)));
}

static void who_has_room_for_all_again_is_no_more_remembered(void **state)
{
    struct arrivals arrivals = {.count = 0};

    (void)state;
    assert_int_equal(take(&arrivals, ALICE, 0), ARRIVALS_MOST);
    each_comes_once(&arrivals, 100);
    assert_int_equal(arrivals.count, 101);
    assert_true(arrivals_take(&arrivals, BOB, at_ms(1000)));
    assert_int_equal(arrivals.count, 2);
    assert_int_equal(take(&arrivals, ALICE, 1000), ARRIVALS_PER_SECOND);
}

/* As many as one uid may do not suffice to keep the others out. */
static void strangers_have_a_bound_together_besides_their_own(void **state)
{
    struct arrivals arrivals = {.count = 0};
    int taken = 0, i;

    (void)state;
    assert_true(ARRIVALS_STRANGERS_MOST > ARRIVALS_MOST &&
                ARRIVALS_STRANGERS_PER_SECOND > ARRIVALS_PER_SECOND);
    for (i = 0; i < SUBUID_COUNT; i++)
        taken += arrivals_take_stranger(&arrivals, at_ms(0));
    assert_int_equal(taken, ARRIVALS_STRANGERS_MOST);
    for (i = 0; i < SUBUID_COUNT; i++)
        taken += arrivals_take_stranger(&arrivals, at_ms(1000));
    assert_int_equal(taken, ARRIVALS_STRANGERS_MOST + ARRIVALS_STRANGERS_PER_SECOND);
    /* Who has a session does not pay for them. */
    assert_int_equal(take(&arrivals, ALICE, 1000), ARRIVALS_MOST);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_may_come_in_a_row_and_so_many_a_second_after_that),
        cmocka_unit_test(no_uid_pays_for_another),
        cmocka_unit_test(who_floods_is_not_forgotten_for_the_many_who_came_once),
        cmocka_unit_test(who_has_room_for_all_again_is_no_more_remembered),
        cmocka_unit_test(strangers_have_a_bound_together_besides_their_own),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
