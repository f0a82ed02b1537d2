/*
 * Counting: nothing is lost, and nothing that comes from outside makes room for itself.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "helper/metrics.h"

#define NAMED (METRICS_REGIONS - 1)

static uint64_t calls_of(const struct metrics_sts *sts)
{
    uint64_t calls = 0;
    size_t i;

    for (i = 0; i < METRICS_STS_RESULTS; i++)
        calls += sts->results[i];
    return calls;
}

/* All names are there, and no two are the same. */
static void check_names(const char *const *names, size_t count)
{
    size_t i, j;

    for (i = 0; i < count; i++) {
        assert_non_null(names[i]);
        for (j = 0; j < i; j++)
            assert_string_not_equal(names[i], names[j]);
    }
}

static void each_place_has_a_name_of_its_own(void **state)
{
    (void)state;
    check_names(metrics_services, METRICS_SERVICES);
    check_names(metrics_purposes, METRICS_PURPOSES);
    check_names(metrics_sources, METRICS_SOURCES);
    check_names(metrics_sts_results, METRICS_STS_RESULTS);
    check_names(metrics_bucket_names, METRICS_BUCKETS);
}

static void the_bounds_of_the_buckets_are_what_they_are_called(void **state)
{
    double seconds;
    size_t i;

    (void)state;
    for (i = 0; i < METRICS_BUCKETS; i++) {
        assert_int_equal(sscanf(metrics_bucket_names[i], "%lf", &seconds), 1);
        assert_int_equal((int)(seconds * 1000 + 0.5), metrics_bucket_ms[i]);
        assert_true(i == 0 || metrics_bucket_ms[i - 1] < metrics_bucket_ms[i]);
    }
}

static void a_call_is_in_the_first_bucket_that_it_fits(void **state)
{
    const struct metrics_sts *sts = &metrics_now()->sts[0];
    int64_t us = 0;
    size_t i;

    (void)state;
    metrics_begin(1);
    for (i = 0; i < METRICS_BUCKETS; i++) {
        us = (int64_t)metrics_bucket_ms[i] * 1000;
        metrics_count_sts("eu-west-1", METRICS_STS_SUCCESS, us);
        assert_int_equal(sts->buckets[i], i == 0 ? 1 : 2);
        metrics_count_sts("eu-west-1", STS_REFUSED, us + 1);
    }
    /* One microsecond more than the last bound is in none, and counts all the same. */
    assert_int_equal(calls_of(sts), 2 * METRICS_BUCKETS);
    assert_int_equal(sts->results[STS_REFUSED], METRICS_BUCKETS);
    for (i = 0, us = 0; i < METRICS_BUCKETS; i++)
        us += 2 * (int64_t)metrics_bucket_ms[i] * 1000 + 1;
    assert_int_equal(sts->took_us, us);
}

static void regions_beyond_the_room_are_the_others(void **state)
{
    const struct metrics *metrics = metrics_now();
    char region[METRICS_REGION_SIZE];
    unsigned i, round;

    (void)state;
    metrics_begin(1);
    for (round = 0; round < 2; round++)
        for (i = 0; i < 2 * NAMED; i++) {
            snprintf(region, sizeof region, "eu-west-%u", i);
            metrics_count_sts(region, METRICS_STS_SUCCESS, 0);
        }
    for (i = 0; i < NAMED; i++) {
        snprintf(region, sizeof region, "eu-west-%u", i);
        assert_string_equal(metrics->sts[i].region, region);
        assert_int_equal(calls_of(&metrics->sts[i]), 2);
    }
    assert_string_equal(metrics->sts[NAMED].region, "other");
    assert_int_equal(calls_of(&metrics->sts[NAMED]), 2 * NAMED);
}

static void what_no_region_is_called_is_the_others_too(void **state)
{
    static const char *const names[] = {"",
                                        "EU",
                                        "eu west",
                                        "eu\"west",
                                        "eu\nwest",
                                        "\xc3\xbc",
                                        "a-name-that-is-longer-than-any-region-s"};
    const struct metrics *metrics = metrics_now();
    size_t i;

    (void)state;
    metrics_begin(1);
    for (i = 0; i < sizeof names / sizeof *names; i++)
        metrics_count_sts(names[i], METRICS_STS_SUCCESS, 0);
    assert_string_equal(metrics->sts[0].region, "");
    assert_int_equal(calls_of(&metrics->sts[NAMED]), i);
}

static void services_and_purposes_that_are_not_known_are_the_others(void **state)
{
    const struct metrics *metrics = metrics_now();

    (void)state;
    metrics_begin(1);
    metrics_count_login("sshd");
    metrics_count_login("sshd2");
    metrics_count_login("");
    metrics_count_hand_out(METRICS_OF_STS, NULL);
    metrics_count_hand_out(METRICS_OF_STS, "nonsense");
    metrics_count_hand_out(METRICS_OF_MEMORY, METRICS_LOGIN);
    assert_int_equal(metrics->logins[0], 1);
    assert_int_equal(metrics->logins[METRICS_SERVICES - 1], 2);
    assert_int_equal(metrics->handed_out[METRICS_OF_STS][METRICS_PURPOSES - 1], 2);
    assert_int_equal(metrics->handed_out[METRICS_OF_MEMORY][0], 1);
}

static void to_begin_is_to_have_counted_nothing(void **state)
{
    const struct metrics *metrics = metrics_now();

    (void)state;
    metrics_count(METRICS_BASE_FAILURES);
    metrics_count_refusal(OPERATION_OPEN, STATUS_DENIED);
    metrics_begin(4711);
    assert_int_equal(metrics->started, 4711);
    assert_int_equal(metrics->events[METRICS_BASE_FAILURES], 0);
    assert_int_equal(metrics->refusals[OPERATION_OPEN][STATUS_DENIED], 0);
    metrics_count(METRICS_BASE_FAILURES);
    metrics_count_refusal(OPERATION_OPEN, STATUS_DENIED);
    assert_int_equal(metrics->events[METRICS_BASE_FAILURES], 1);
    assert_int_equal(metrics->refusals[OPERATION_OPEN][STATUS_DENIED], 1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_place_has_a_name_of_its_own),
        cmocka_unit_test(the_bounds_of_the_buckets_are_what_they_are_called),
        cmocka_unit_test(a_call_is_in_the_first_bucket_that_it_fits),
        cmocka_unit_test(regions_beyond_the_room_are_the_others),
        cmocka_unit_test(what_no_region_is_called_is_the_others_too),
        cmocka_unit_test(services_and_purposes_that_are_not_known_are_the_others),
        cmocka_unit_test(to_begin_is_to_have_counted_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
