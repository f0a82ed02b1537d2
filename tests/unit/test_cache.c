/*
 * The cache of credentials: what is handed out and for how long, and what is given up for others.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <unistd.h>

#include "cache_rig.h"

static void what_is_dropped_is_one_humans_and_a_call_in_flight_brings_nothing(void **state)
{
    struct cache_wish alice = wish_for('a'), flying = wish_for('b'), bob = wish_for('c');
    struct cache_wish nobodys = wish_for('d');
    struct sts_assumed assumed, issued = issue("late", LIFE);
    struct sts_failure failure;

    (void)state;
    alice.human = flying.human = "alice";
    bob.human = "bob";
    put(&alice, "alice", LIFE);
    put(&bob, "bob", LIFE);
    put(&nobodys, "host", LIFE);
    assert_int_equal(enter_by(&flying, deadline_in_ms(0), &assumed, &failure), CACHE_LEAD);
    cache_drop(cache, "alice");
    cache_settle(cache, &flying, &issued, NULL);
    credentials_free(&issued.credentials);
    assert_false(hits(&alice, ""));
    assert_false(hits(&flying, ""));
    assert_true(hits(&bob, "bob"));
    assert_true(hits(&nobodys, "host"));
    /* What is issued afterwards is kept as ever. */
    put(&flying, "new", LIFE);
    assert_true(hits(&flying, "new"));
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        CACHE_TEST(what_is_dropped_is_one_humans_and_a_call_in_flight_brings_nothing),
        CACHE_TEST(what_was_issued_is_handed_out_as_often_as_it_is_asked_for),
        CACHE_TEST(another_key_is_another_matter),
        CACHE_TEST(only_what_fits_the_wish_is_handed_out),
        CACHE_TEST(a_failed_call_leaves_what_was_there_before),
        CACHE_TEST(nothing_lives_longer_than_it_was_asked_for_whatever_clocks_say),
        CACHE_TEST(what_lives_shorter_than_wished_will_do_while_half_of_it_is_left),
        CACHE_TEST(what_ends_first_is_given_up_first),
        CACHE_TEST(a_secret_is_refused_only_when_nothing_is_left_to_give_up),
        CACHE_TEST(what_is_handed_out_does_not_make_room_for_itself),
        CACHE_TEST(what_has_ended_is_wiped_without_being_asked_for),
        CACHE_TEST(a_cache_that_is_freed_wipes_all),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
