/*
 * The calls behind the cache of credentials: who makes the one call, what those hear who wait for
 * it, and for how long a failure stands.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>

#include "cache_rig.h"

#define CALL_MS 30 /* that a call takes */
#define MANY    20

/* Somebody who asks, and who makes the call if it comes to that. */
struct asker {
    struct cache_wish wish;
    int patience_ms;
    int call_ms;
    enum sts_kind failure; /* of a call, or STS_KIND_COUNT */
    const char *brings;    /* the name of what a call issues */
    enum cache_answer answer;
    struct sts_assumed assumed;
    struct sts_failure heard;
};

static unsigned calls;

static void ask(void *argument)
{
    struct asker *asker = argument;
    struct sts_failure failed = {.kind = asker->failure};
    struct task_queue nobody = {NULL, NULL};

    asker->answer =
        enter_by(&asker->wish, deadline_in_ms(asker->patience_ms), &asker->assumed, &asker->heard);
    if (asker->answer != CACHE_LEAD)
        return;
    calls++;
    task_wait(&nobody, deadline_in_ms(asker->call_ms));
    if (asker->failure == STS_KIND_COUNT) {
        asker->assumed = issue(asker->brings, LIFE);
        cache_settle(cache, &asker->wish, &asker->assumed, NULL);
    } else {
        snprintf(failed.text, sizeof failed.text, "%s failed", asker->brings);
        cache_settle(cache, &asker->wish, NULL, &failed);
    }
}

static struct asker *new_askers(size_t count)
{
    struct asker *askers = calloc(count, sizeof *askers);
    size_t i;

    assert_non_null(askers);
    for (i = 0; i < count; i++) {
        askers[i].wish = wish_for('a');
        askers[i].patience_ms = LONG_MS;
        askers[i].call_ms = CALL_MS;
        askers[i].failure = STS_KIND_COUNT;
        askers[i].brings = "issued";
    }
    return askers;
}

/* Lets all of them ask at once, in their order. */
static void ask_at_once(struct asker *askers, size_t count)
{
    size_t i;

    calls = 0;
    for (i = 0; i < count; i++)
        start(ask, &askers[i]);
    run();
}

static void free_askers(struct asker *askers, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++)
        credentials_free(&askers[i].assumed.credentials);
    free(askers);
}

static void equal_requests_share_one_call_and_each_has_a_copy(void **state)
{
    struct asker *askers = new_askers(MANY);
    size_t i;

    (void)state;
    ask_at_once(askers, MANY);
    assert_int_equal(calls, 1);
    assert_int_equal(askers[0].answer, CACHE_LEAD);
    for (i = 1; i < MANY; i++) {
        const struct credentials *own = &askers[i].assumed.credentials;

        assert_int_equal(askers[i].answer, CACHE_HIT);
        assert_string_equal(own->secret_access_key.bytes, "issued");
        assert_ptr_not_equal(own->secret_access_key.bytes,
                             askers[i - 1].assumed.credentials.secret_access_key.bytes);
    }
    free_askers(askers, MANY);
}

static void requests_that_differ_are_made_side_by_side(void **state)
{
    struct asker *askers = new_askers(MANY);
    struct deadline in_a_row = deadline_in_ms(MANY * CALL_MS);
    size_t i;

    (void)state;
    for (i = 0; i < MANY; i++)
        askers[i].wish = wish_for((char)i);
    ask_at_once(askers, MANY);
    assert_int_equal(calls, MANY);
    assert_true(deadline_left_ms(in_a_row) > 0);
    free_askers(askers, MANY);
}

static void a_call_under_way_is_fresh_and_what_it_brings_replaces_the_old(void **state)
{
    struct asker *askers = new_askers(3);
    size_t i;

    (void)state;
    put(&askers[0].wish, "old", LIFE);
    for (i = 0; i < 3; i++)
        askers[i].wish.fresh = i < 2;
    ask_at_once(askers, 3);
    assert_int_equal(calls, 1);
    assert_string_equal(askers[1].assumed.credentials.access_key_id, "issued");
    /* Who would take the old need not wait. */
    assert_string_equal(askers[2].assumed.credentials.access_key_id, "old");
    askers[2].wish.fresh = false;
    assert_true(hits(&askers[2].wish, "issued"));
    free_askers(askers, 3);
}

static void who_waits_for_what_lives_too_short_makes_a_call_of_its_own(void **state)
{
    struct asker *askers = new_askers(2);

    (void)state;
    askers[1].wish.min_life = LIFE + 1;
    ask_at_once(askers, 2);
    assert_int_equal(calls, 2);
    free_askers(askers, 2);
}

static void those_who_wait_hear_how_the_call_failed(void **state)
{
    struct asker *askers = new_askers(MANY);
    size_t i;

    (void)state;
    askers[0].failure = STS_THROTTLED;
    askers[0].brings = "the first";
    ask_at_once(askers, MANY);
    assert_int_equal(calls, 1);
    for (i = 1; i < MANY; i++) {
        assert_int_equal(askers[i].answer, CACHE_FAILED);
        assert_int_equal(askers[i].heard.kind, STS_THROTTLED);
        assert_string_equal(askers[i].heard.text, "the first failed");
    }
    /* It is not remembered. */
    ask_at_once(&askers[1], 1);
    assert_int_equal(calls, 1);
    free_askers(askers, MANY);
}

static void where_the_leader_ran_out_of_time_the_next_one_leads(void **state)
{
    struct asker *askers = new_askers(MANY);
    size_t i;

    (void)state;
    askers[0].failure = STS_TIMED_OUT;
    askers[1].failure = STS_TIMED_OUT;
    ask_at_once(askers, MANY);
    assert_int_equal(calls, 3);
    assert_int_equal(askers[2].answer, CACHE_LEAD);
    for (i = 3; i < MANY; i++)
        assert_int_equal(askers[i].answer, CACHE_HIT);
    free_askers(askers, MANY);
}

static void who_has_no_patience_gives_up_and_spoils_nothing(void **state)
{
    struct asker *askers = new_askers(3);

    (void)state;
    askers[0].call_ms = 10 * CALL_MS;
    askers[1].patience_ms = 1;
    ask_at_once(askers, 3);
    assert_int_equal(askers[1].answer, CACHE_TIMED_OUT);
    assert_null(askers[1].assumed.credentials.secret_access_key.bytes);
    assert_int_equal(askers[2].answer, CACHE_HIT);
    /* Where it was the only one that waited, too, and the call fails. */
    askers[0].failure = STS_REFUSED;
    askers[0].wish = askers[1].wish = wish_for('b');
    credentials_free(&askers[0].assumed.credentials);
    ask_at_once(askers, 2);
    assert_int_equal(askers[1].answer, CACHE_TIMED_OUT);
    free_askers(askers, 3);
}

/* Ends the call that the wish leads to with a failure. */
static void fail_with(const struct cache_wish *wish, enum sts_kind kind, const char *text)
{
    struct sts_failure failed = {.kind = kind};
    struct sts_assumed assumed;
    struct sts_failure failure;

    snprintf(failed.text, sizeof failed.text, "%s", text);
    assert_int_equal(enter_by(wish, deadline_in_ms(0), &assumed, &failure), CACHE_LEAD);
    cache_settle(cache, wish, NULL, &failed);
}

/* Who asks now hears of a failure that still stands. */
static void hear_of(const struct cache_wish *wish, enum sts_kind kind, const char *text)
{
    struct sts_assumed assumed;
    struct sts_failure failure;

    assert_int_equal(enter_by(wish, deadline_in_ms(0), &assumed, &failure), CACHE_FAILED);
    assert_int_equal(failure.kind, kind);
    assert_string_equal(failure.text, text);
}

static void a_refusal_stands_for_a_moment_and_says_so(void **state)
{
    struct cache_wish wish = wish_for('a'), other = wish_for('b');

    (void)state;
    fail_with(&wish, STS_REFUSED, "refused");
    wish.now = NOW + CACHE_REFUSED_FOR - 1;
    hear_of(&wish, STS_REFUSED, "refused (so it was 19 s ago, and it is asked again in 1 s)");
    /* It says nothing of others. */
    put(&other, "other", LIFE);
    wish.now = NOW + CACHE_REFUSED_FOR;
    fail_with(&wish, STS_REFUSED, "refused");
    /* Nor does it stand when the clock was set back. */
    wish.now = NOW;
    fail_with(&wish, STS_REFUSED, "refused");
}

static void another_failure_stands_where_it_is_wished_but_not_one_of_the_leaders_time(void **state)
{
    struct cache_wish wish = wish_for('a');

    (void)state;
    wish.failed_for = 2;
    fail_with(&wish, STS_TIMED_OUT, "failed");
    fail_with(&wish, STS_INTERNAL, "failed");
    wish.now = NOW + 1;
    hear_of(&wish, STS_INTERNAL, "failed (so it was 1 s ago, and it is asked again in 1 s)");
    wish.now = NOW + 2;
    fail_with(&wish, STS_INTERNAL, "failed");
    /* What came meanwhile ends it. */
    wish.under = "mended";
    put(&wish, "first", LIFE);
    wish.under = "policy";
    assert_true(hits(&wish, "first"));
}

static void a_refusal_stands_for_fresh_ones_too_but_not_under_another_policy(void **state)
{
    struct cache_wish wish = wish_for('a'), fresh = wish_for('a');
    struct sts_assumed assumed;
    struct sts_failure failure;

    (void)state;
    fail_with(&wish, STS_REFUSED, "refused");
    fresh.fresh = true;
    assert_int_equal(enter_by(&fresh, deadline_in_ms(0), &assumed, &failure), CACHE_FAILED);
    wish.under = "mended";
    put(&wish, "first", LIFE);
    assert_true(hits(&wish, "first"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(equal_requests_share_one_call_and_each_has_a_copy),
        CACHE_TEST(requests_that_differ_are_made_side_by_side),
        CACHE_TEST(a_call_under_way_is_fresh_and_what_it_brings_replaces_the_old),
        CACHE_TEST(who_waits_for_what_lives_too_short_makes_a_call_of_its_own),
        CACHE_TEST(those_who_wait_hear_how_the_call_failed),
        CACHE_TEST(a_refusal_stands_for_a_moment_and_says_so),
        CACHE_TEST(a_refusal_stands_for_fresh_ones_too_but_not_under_another_policy),
        CACHE_TEST(another_failure_stands_where_it_is_wished_but_not_one_of_the_leaders_time),
        CACHE_TEST(where_the_leader_ran_out_of_time_the_next_one_leads),
        CACHE_TEST(who_has_no_patience_gives_up_and_spoils_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
