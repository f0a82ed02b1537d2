/*
 * The cache of credentials: what is handed out, who makes the one call, and what those hear who
 * wait for it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/secret.h"
#include "helper/cache.h"
#include "helper/task.h"

#define NOW     1000000
#define LIFE    3600 /* seconds that credentials live */
#define LONG_MS 20000
#define CALL_MS 30 /* that a call takes */
#define MANY    20

static struct cache *cache;

static struct cache_wish wish_for(char key)
{
    struct cache_wish wish = {.now = NOW, .min_life = LIFE / 2, .under = "policy"};

    memset(wish.key, key, sizeof wish.key);
    return wish;
}

/* Credentials that are told apart by a name, and end some time after NOW. */
static struct sts_assumed issue(const char *name, time_t life)
{
    struct sts_assumed assumed = {.packed_policy_size = 7};

    snprintf(assumed.credentials.access_key_id, sizeof assumed.credentials.access_key_id, "%s",
             name);
    assert_int_equal(secret_copy(&assumed.credentials.secret_access_key, name, strlen(name)), 0);
    assert_int_equal(secret_copy(&assumed.credentials.session_token, name, strlen(name)), 0);
    assumed.credentials.expiration = NOW + life;
    snprintf(assumed.request_id, sizeof assumed.request_id, "request of %s", name);
    return assumed;
}

static enum cache_answer enter_by(const struct cache_wish *wish, struct deadline deadline,
                                  struct sts_assumed *assumed, struct sts_failure *failure)
{
    memset(assumed, 0, sizeof *assumed);
    memset(failure, 0, sizeof *failure);
    return cache_enter(cache, wish, deadline, assumed, failure);
}

/* Puts credentials into the cache, as a leader does. */
static void put(const struct cache_wish *wish, const char *name, time_t life)
{
    struct sts_assumed assumed, issued = issue(name, life);
    struct sts_failure failure;

    assert_int_equal(enter_by(wish, deadline_in_ms(0), &assumed, &failure), CACHE_LEAD);
    cache_settle(cache, wish, &issued, NULL);
    credentials_free(&issued.credentials);
}

/* Whether the wish is met from memory; else the call that it leads to fails at once. */
static bool hits(const struct cache_wish *wish, const char *name)
{
    const struct sts_failure failed = {.kind = STS_TRANSIENT};
    struct sts_assumed assumed;
    struct sts_failure failure;
    enum cache_answer answer = enter_by(wish, deadline_in_ms(0), &assumed, &failure);

    if (answer == CACHE_LEAD) {
        cache_settle(cache, wish, NULL, &failed);
        return false;
    }
    assert_int_equal(answer, CACHE_HIT);
    assert_string_equal(assumed.credentials.access_key_id, name);
    assert_string_equal(assumed.credentials.secret_access_key.bytes, name);
    assert_string_equal(assumed.credentials.session_token.bytes, name);
    assert_memory_equal(assumed.request_id, "request of ", 11);
    assert_int_equal(assumed.packed_policy_size, 7);
    credentials_free(&assumed.credentials);
    return true;
}

static void what_was_issued_is_handed_out_as_often_as_it_is_asked_for(void **state)
{
    struct cache_wish wish = wish_for('a');

    (void)state;
    put(&wish, "first", LIFE);
    assert_true(hits(&wish, "first"));
    assert_true(hits(&wish, "first"));
}

static void another_key_is_another_matter(void **state)
{
    struct cache_wish wish = wish_for('a'), other = wish_for('a');

    (void)state;
    put(&wish, "first", LIFE);
    /* In the same chain as well as in another. */
    other.key[CACHE_KEY_SIZE - 1] ^= 1;
    assert_false(hits(&other, ""));
    put(&other, "other", LIFE);
    other.key[0] ^= 1;
    assert_false(hits(&other, ""));
    other.key[0] ^= 1;
    assert_true(hits(&other, "other"));
    assert_true(hits(&wish, "first"));
}

static void only_what_fits_the_wish_is_handed_out(void **state)
{
    static const struct {
        time_t now;
        time_t min_life;
        time_t ends;
        bool fresh;
        bool fits;
    } cases[] = {
        {NOW, LIFE, 0, false, true},
        {NOW, LIFE + 1, 0, false, false},
        {NOW + 1, LIFE, 0, false, false},
        {NOW + LIFE / 2, LIFE / 2, 0, false, true},
        {NOW + LIFE / 2 + 1, LIFE / 2, 0, false, false},
        {NOW, 0, 0, true, false},
        {NOW, 0, NOW + LIFE, false, true},
        {NOW, 0, NOW + LIFE - 1, false, false},
        {NOW + LIFE - 1, 0, 0, false, true},
        /* What has ended is of no use even to who wants no life. */
        {NOW + LIFE, 0, 0, false, false},
        {NOW + LIFE, -10, 0, false, false},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct cache_wish wish = wish_for('a');

        cache_free(cache);
        cache = cache_new();
        put(&wish, "first", LIFE);
        wish.now = cases[i].now;
        wish.min_life = cases[i].min_life;
        wish.ends = cases[i].ends;
        wish.fresh = cases[i].fresh;
        if (hits(&wish, "first") != cases[i].fits)
            fail_msg("case %zu", i);
    }
}

static void a_failed_call_leaves_what_was_there_before(void **state)
{
    struct cache_wish wish = wish_for('a'), fresh = wish;

    (void)state;
    put(&wish, "first", LIFE);
    fresh.fresh = true;
    assert_false(hits(&fresh, ""));
    assert_true(hits(&wish, "first"));
}

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

static bool all_have_ended(void *argument)
{
    (void)argument;
    return task_count() == 0;
}

/* Lets all of them ask at once, in their order. */
static void ask_at_once(struct asker *askers, size_t count)
{
    size_t i;

    calls = 0;
    for (i = 0; i < count; i++)
        assert_int_equal(task_start(ask, &askers[i]), 0);
    alarm(60);
    assert_int_equal(task_loop_run(all_have_ended, NULL), 0);
    alarm(0);
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

/* Ends the call that the wish leads to with a refusal. */
static void refuse(const struct cache_wish *wish)
{
    const struct sts_failure refused = {.kind = STS_REFUSED, .text = "refused"};
    struct sts_assumed assumed;
    struct sts_failure failure;

    assert_int_equal(enter_by(wish, deadline_in_ms(0), &assumed, &failure), CACHE_LEAD);
    cache_settle(cache, wish, NULL, &refused);
}

static void a_refusal_stands_for_a_moment_and_says_so(void **state)
{
    struct cache_wish wish = wish_for('a'), other = wish_for('b');
    struct sts_assumed assumed;
    struct sts_failure failure;

    (void)state;
    refuse(&wish);
    wish.now = NOW + CACHE_REFUSED_FOR - 1;
    assert_int_equal(enter_by(&wish, deadline_in_ms(0), &assumed, &failure), CACHE_FAILED);
    assert_int_equal(failure.kind, STS_REFUSED);
    assert_string_equal(failure.text, "refused (so it was 19 s ago, and it is asked again in 1 s)");
    /* It says nothing of others. */
    put(&other, "other", LIFE);
    wish.now = NOW + CACHE_REFUSED_FOR;
    refuse(&wish);
    /* Nor does it stand when the clock was set back. */
    wish.now = NOW;
    refuse(&wish);
}

/* Ends the call that the wish leads to with a failure. */
static void fail_with(const struct cache_wish *wish, enum sts_kind kind)
{
    const struct sts_failure failed = {.kind = kind, .text = "failed"};
    struct sts_assumed assumed;
    struct sts_failure failure;

    assert_int_equal(enter_by(wish, deadline_in_ms(0), &assumed, &failure), CACHE_LEAD);
    cache_settle(cache, wish, NULL, &failed);
}

static void another_failure_stands_where_it_is_wished_but_not_one_of_the_leaders_time(void **state)
{
    struct cache_wish wish = wish_for('a');
    struct sts_assumed assumed;
    struct sts_failure failure;

    (void)state;
    wish.failed_for = 2;
    fail_with(&wish, STS_TIMED_OUT);
    fail_with(&wish, STS_INTERNAL);
    wish.now = NOW + 1;
    assert_int_equal(enter_by(&wish, deadline_in_ms(0), &assumed, &failure), CACHE_FAILED);
    assert_int_equal(failure.kind, STS_INTERNAL);
    assert_string_equal(failure.text, "failed (so it was 1 s ago, and it is asked again in 1 s)");
    wish.now = NOW + 2;
    fail_with(&wish, STS_INTERNAL);
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
    refuse(&wish);
    fresh.fresh = true;
    assert_int_equal(enter_by(&fresh, deadline_in_ms(0), &assumed, &failure), CACHE_FAILED);
    wish.under = "mended";
    put(&wish, "first", LIFE);
    assert_true(hits(&wish, "first"));
}

static void what_lives_shorter_than_wished_will_do_while_half_of_it_is_left(void **state)
{
    struct cache_wish wish = wish_for('a');
    struct sts_assumed assumed, issued = issue("first", LIFE);
    struct sts_failure failure;

    (void)state;
    issued.asked = LIFE;
    assert_int_equal(enter_by(&wish, deadline_in_ms(0), &assumed, &failure), CACHE_LEAD);
    cache_settle(cache, &wish, &issued, NULL);
    credentials_free(&issued.credentials);
    wish.min_life = 6 * LIFE;
    wish.now = NOW + LIFE / 2;
    assert_true(hits(&wish, "first"));
    wish.now++;
    assert_false(hits(&wish, "first"));
    wish.min_life = LIFE / 3;
    assert_true(hits(&wish, "first"));
}

static void nothing_lives_longer_than_it_was_asked_for_whatever_clocks_say(void **state)
{
    const struct deadline bound = deadline_in_ms(LONG_MS);
    struct cache_wish wish = wish_for('a');
    struct sts_assumed assumed, issued = issue("first", LIFE);
    struct sts_failure failure;

    (void)state;
    issued.asked = 1;
    assert_int_equal(enter_by(&wish, deadline_in_ms(0), &assumed, &failure), CACHE_LEAD);
    cache_settle(cache, &wish, &issued, NULL);
    credentials_free(&issued.credentials);
    assert_true(hits(&wish, "first"));
    /* As after somebody has said that it is last year. */
    wish.now = NOW - 365 * 86400;
    while (hits(&wish, "first") && deadline_left_ms(bound) > 0)
        usleep(10000);
    assert_true(deadline_left_ms(bound) > 0);
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

/* How many secrets of the size of what `put` keeps the arena has room for. */
static size_t room(void)
{
    struct secret secrets[4096];
    size_t count = 0, i;

    while (count < 4096 && secret_copy(&secrets[count], "x", 1) == 0)
        count++;
    for (i = 0; i < count; i++)
        secret_free(&secrets[i]);
    return count;
}

static void what_ends_first_is_given_up_first(void **state)
{
    struct cache_wish wishes[3] = {wish_for('a'), wish_for('b'), wish_for('c')};

    (void)state;
    put(&wishes[0], "long", 3 * LIFE);
    put(&wishes[1], "short", LIFE);
    put(&wishes[2], "longer", 4 * LIFE);
    assert_true(cache_reclaim(cache));
    assert_false(hits(&wishes[1], "short"));
    assert_true(hits(&wishes[0], "long"));
    assert_true(cache_reclaim(cache));
    assert_false(hits(&wishes[0], "long"));
    assert_true(hits(&wishes[2], "longer"));
    assert_true(cache_reclaim(cache));
    assert_false(hits(&wishes[2], "longer"));
    assert_false(cache_reclaim(cache));
}

static void a_secret_is_refused_only_when_nothing_is_left_to_give_up(void **state)
{
    struct cache_wish wish = wish_for('a');
    struct secret secrets[4096];
    size_t count = 0, before = room();

    (void)state;
    put(&wish, "first", LIFE);
    secret_arena_set_reclaim(cache_reclaim, cache);
    while (count < 4096 && secret_copy(&secrets[count], "x", 1) == 0)
        count++;
    assert_int_equal(count, before);
    while (count > 0)
        secret_free(&secrets[--count]);
    assert_false(hits(&wish, "first"));
}

static void what_is_handed_out_does_not_make_room_for_itself(void **state)
{
    struct cache_wish wish = wish_for('a');
    struct secret secrets[4096];
    size_t count = 0;

    (void)state;
    put(&wish, "first", LIFE);
    while (count < 4096 && secret_copy(&secrets[count], "x", 1) == 0)
        count++;
    secret_arena_set_reclaim(cache_reclaim, cache);
    assert_false(hits(&wish, "first"));
    secret_free(&secrets[--count]);
    secret_free(&secrets[--count]);
    assert_true(hits(&wish, "first"));
    while (count > 0)
        secret_free(&secrets[--count]);
}

static void what_has_ended_is_wiped_without_being_asked_for(void **state)
{
    struct cache_wish wish = wish_for('a'), other = wish_for('b');
    size_t before = room();

    (void)state;
    put(&wish, "first", LIFE);
    assert_true(room() < before);
    other.now = NOW + LIFE;
    assert_false(hits(&other, ""));
    assert_int_equal(room(), before);
}

static void a_cache_that_is_freed_wipes_all(void **state)
{
    struct cache_wish wish = wish_for('a');
    size_t before = room();

    (void)state;
    put(&wish, "first", LIFE);
    cache_free(cache);
    cache = NULL;
    assert_int_equal(room(), before);
    cache_free(NULL);
}

static int open_all(void **state)
{
    (void)state;
    cache = cache_new();
    return cache == NULL || task_loop_open() != 0 || secret_arena_open((size_t)64 * 1024) != 0;
}

static int close_all(void **state)
{
    (void)state;
    secret_arena_set_reclaim(NULL, NULL);
    cache_free(cache);
    secret_arena_close();
    task_loop_close();
    return 0;
}

int main(void)
{
#define CACHE_TEST(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)
    const struct CMUnitTest tests[] = {
        CACHE_TEST(what_was_issued_is_handed_out_as_often_as_it_is_asked_for),
        CACHE_TEST(another_key_is_another_matter),
        CACHE_TEST(only_what_fits_the_wish_is_handed_out),
        CACHE_TEST(a_failed_call_leaves_what_was_there_before),
        CACHE_TEST(equal_requests_share_one_call_and_each_has_a_copy),
        CACHE_TEST(requests_that_differ_are_made_side_by_side),
        CACHE_TEST(a_call_under_way_is_fresh_and_what_it_brings_replaces_the_old),
        CACHE_TEST(who_waits_for_what_lives_too_short_makes_a_call_of_its_own),
        CACHE_TEST(those_who_wait_hear_how_the_call_failed),
        CACHE_TEST(a_refusal_stands_for_a_moment_and_says_so),
        CACHE_TEST(a_refusal_stands_for_fresh_ones_too_but_not_under_another_policy),
        CACHE_TEST(another_failure_stands_where_it_is_wished_but_not_one_of_the_leaders_time),
        CACHE_TEST(nothing_lives_longer_than_it_was_asked_for_whatever_clocks_say),
        CACHE_TEST(what_lives_shorter_than_wished_will_do_while_half_of_it_is_left),
        CACHE_TEST(where_the_leader_ran_out_of_time_the_next_one_leads),
        CACHE_TEST(who_has_no_patience_gives_up_and_spoils_nothing),
        CACHE_TEST(what_ends_first_is_given_up_first),
        CACHE_TEST(a_secret_is_refused_only_when_nothing_is_left_to_give_up),
        CACHE_TEST(what_is_handed_out_does_not_make_room_for_itself),
        CACHE_TEST(what_has_ended_is_wiped_without_being_asked_for),
        CACHE_TEST(a_cache_that_is_freed_wipes_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
