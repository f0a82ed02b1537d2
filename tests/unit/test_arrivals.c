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
    struct arrivals arrivals = {.seed = 4711};

    (void)state;
    assert_int_equal(take(&arrivals, ALICE, 0), ARRIVALS_MOST);
    assert_int_equal(take(&arrivals, ALICE, 0), 0);
    assert_int_equal(take(&arrivals, ALICE, 1000), ARRIVALS_PER_SECOND);
    assert_int_equal(take(&arrivals, ALICE, 1500), ARRIVALS_PER_SECOND / 2);
    assert_int_equal(take(&arrivals, ALICE, 60000), ARRIVALS_MOST);
}

static void nobody_pays_for_another(void **state)
{
    struct arrivals arrivals = {.seed = 4711};

    (void)state;
    take(&arrivals, ALICE, 0);
    assert_int_equal(take(&arrivals, BOB, 0), ARRIVALS_MOST);
}

/* Who has many uids has them spread over all buckets, and no memory but these. */
static void a_range_of_uids_is_spread(void **state)
{
    struct arrivals arrivals = {.seed = 4711};
    size_t used = 0, i;

    (void)state;
    for (i = 0; i < 65536; i++)
        arrivals_take(&arrivals, (uid_t)(100000 + i), at_ms(0));
    for (i = 0; i < ARRIVALS_BUCKETS; i++)
        used += arrivals.free_at[i] != 0;
    assert_true(used > ARRIVALS_BUCKETS / 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(so_many_may_come_in_a_row_and_so_many_a_second_after_that),
        cmocka_unit_test(nobody_pays_for_another),
        cmocka_unit_test(a_range_of_uids_is_spread),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
