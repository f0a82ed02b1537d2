/*
 * What tells credentials apart in the cache: whatever shapes them, and whom they are for.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "secret_setting.h"

#include "helper/role_key.h"

static char first_region[] = "eu-west-1", second_region[] = "eu-central-1";
static char main_name[] = "main", other_name[] = "other", missing[] = "/nonexistent";
static char hub_arn[] = "arn:aws:iam::999900001111:role/Hub", endpoint[] = "https://sts.example";
static char *one_region[] = {first_region}, *two_regions[] = {first_region, second_region};

/* Everything that a key is made of; a test changes one thing. */
struct facts {
    struct policy policy;
    struct host host;
    struct identity identity;
    struct base base;
    struct role hub;
    struct role role;
    struct sts_assume_role call;
};

static void set(struct facts *facts)
{
    memset(facts, 0, sizeof *facts);
    facts->policy.sts_endpoint = NULL;
    facts->host.policy = &facts->policy;
    facts->host.policy_hash = "one";
    facts->identity.user.uid = 1001;
    facts->identity.human = "carol@partner.example";
    facts->base = (struct base){.name = main_name, .source = BASE_IMDS};
    facts->hub.arn = hub_arn;
    facts->hub.settings.base = &facts->base;
    facts->role.settings.base = &facts->base;
    facts->role.settings.sts_regions = (struct texts){one_region, 1};
    facts->call = (struct sts_assume_role){.role_arn = "arn:aws:iam::111122223333:role/R",
                                           .session_name = "shared"};
}

static void change_nothing(struct facts *facts)
{
    (void)facts;
}

static void cut_the_duration(struct facts *facts)
{
    facts->call.duration = 1000;
}

static void change_role(struct facts *facts)
{
    facts->call.role_arn = "arn:aws:iam::111122223333:role/S";
}

static void change_duration(struct facts *facts)
{
    facts->role.settings.duration = 7200;
}

static void change_uid(struct facts *facts)
{
    facts->identity.user.uid = 1002;
}

/* Whose names are not part of the call: a `session_name =` without it, and no source identity. */
static void change_human(struct facts *facts)
{
    facts->identity.human = "dave@partner.example";
}

static void change_base(struct facts *facts)
{
    facts->base.name = other_name;
}

static void change_endpoint(struct facts *facts)
{
    facts->policy.sts_endpoint = endpoint;
}

static void change_regions(struct facts *facts)
{
    facts->role.settings.sts_regions = (struct texts){two_regions, 2};
}

static void put_a_hub_in_front(struct facts *facts)
{
    facts->role.settings.base_role = &facts->hub;
}

static void change_policy(struct facts *facts)
{
    facts->host.policy_hash = "another";
}

/* By which the hub may pass on other tags. */
static void put_a_hub_in_front_and_change_policy(struct facts *facts)
{
    put_a_hub_in_front(facts);
    change_policy(facts);
}

static void key_of(struct facts *facts, unsigned char key[CACHE_KEY_SIZE])
{
    assert_true(role_key(&facts->host, &facts->identity, &facts->role, &facts->call, key));
}

static void each_thing_that_shapes_them_is_part_of_the_key(void **state)
{
    static const struct {
        void (*change)(struct facts *facts);
        bool other;
    } cases[] = {
        {change_nothing, false},    {cut_the_duration, false},
        {change_policy, false},     {change_role, true},
        {change_duration, true},    {change_uid, true},
        {change_human, true},       {change_base, true},
        {change_endpoint, true},    {change_regions, true},
        {put_a_hub_in_front, true}, {put_a_hub_in_front_and_change_policy, true},
    };
    unsigned char keys[sizeof cases / sizeof cases[0]][CACHE_KEY_SIZE];
    static struct facts facts;
    size_t i, before;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        set(&facts);
        cases[i].change(&facts);
        key_of(&facts, keys[i]);
        /* Other than all before it, or the first. */
        for (before = 0; before < i; before++) {
            bool same = memcmp(keys[i], keys[before], CACHE_KEY_SIZE) == 0;
            bool wanted = !cases[i].other && !cases[before].other;

            if (same != wanted)
                fail_msg("case %zu and case %zu", i, before);
        }
    }
}

/* Its proof signs for nobody, so a key that is put into the base's file costs no call. */
static void a_role_by_the_users_own_proof_is_told_by_no_base(void **state)
{
    static const enum base_source sources[] = {BASE_IMDS, BASE_FILE};
    unsigned char keys[2][CACHE_KEY_SIZE];
    struct secret proof = {0};
    static struct facts facts;
    size_t i;

    (void)state;
    assert_int_equal(secret_copy(&proof, "token", strlen("token")), 0);
    for (i = 0; i < 2; i++) {
        set(&facts);
        facts.base = (struct base){.name = i == 0 ? main_name : other_name,
                                   .source = sources[i],
                                   .file = missing,
                                   .profile = main_name};
        facts.call.action = STS_WITH_WEB_IDENTITY;
        facts.call.proof = &proof;
        key_of(&facts, keys[i]);
    }
    assert_memory_equal(keys[0], keys[1], CACHE_KEY_SIZE);
    secret_free(&proof);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(each_thing_that_shapes_them_is_part_of_the_key, open_arena,
                                        close_arena),
        cmocka_unit_test_setup_teardown(a_role_by_the_users_own_proof_is_told_by_no_base,
                                        open_arena, close_arena),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
