/*
 * A cache of credentials in a task loop and an arena of its own, and what is put there, for the
 * tests of the cache. To be included after cmocka.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_CACHE_RIG_H
#define XACCT_TESTS_CACHE_RIG_H

#include <stdio.h>
#include <string.h>

#include "common/secret.h"
#include "helper/cache.h"
#include "task_rig.h"

#define NOW  1000000
#define LIFE 3600 /* seconds that credentials live */

static struct cache *cache;

static inline struct cache_wish wish_for(char key)
{
    struct cache_wish wish = {.now = NOW, .min_life = LIFE / 2, .under = "policy"};

    memset(wish.key, key, sizeof wish.key);
    return wish;
}

/* Credentials that are told apart by a name, and end some time after NOW. */
static inline struct sts_assumed issue(const char *name, time_t life)
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

static inline enum cache_answer enter_by(const struct cache_wish *wish, struct deadline deadline,
                                         struct sts_assumed *assumed, struct sts_failure *failure)
{
    memset(assumed, 0, sizeof *assumed);
    memset(failure, 0, sizeof *failure);
    return cache_enter(cache, wish, deadline, assumed, failure);
}

/* Puts credentials into the cache, as a leader does. */
static inline void put(const struct cache_wish *wish, const char *name, time_t life)
{
    struct sts_assumed assumed, issued = issue(name, life);
    struct sts_failure failure;

    assert_int_equal(enter_by(wish, deadline_in_ms(0), &assumed, &failure), CACHE_LEAD);
    cache_settle(cache, wish, &issued, NULL);
    credentials_free(&issued.credentials);
}

/* Whether the wish is met from memory; else the call that it leads to fails at once. */
static inline bool hits(const struct cache_wish *wish, const char *name)
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

static inline int open_all(void **state)
{
    (void)state;
    cache = cache_new();
    return cache == NULL || task_loop_open() != 0 || secret_arena_open((size_t)64 * 1024) != 0;
}

static inline int close_all(void **state)
{
    (void)state;
    secret_arena_set_reclaim(NULL, NULL);
    cache_free(cache);
    secret_arena_close();
    task_loop_close();
    return 0;
}

#define CACHE_TEST(test) cmocka_unit_test_setup_teardown(test, open_all, close_all)

#endif
