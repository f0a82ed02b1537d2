/*
 * A decision asks only the rules that can be about the login: none of the others is, and they are
 * most of a large policy.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "large_policy.h"
#include "policy/candidates.h"
#include "policy/match.h"
#include "random_login.h"

static const char *maybe_user(void)
{
    static const char *const users[] = {"u0", "u1", "u2", "u3"};

    return pick(2) == 0 ? users[pick(4)] : NULL;
}

/* Makes up what else is known of a login, and of who is behind it. */
static void invent_rest(struct person *person, enum answer others[2][GROUP_COUNT])
{
    struct login *login = &person->login;

    login->typed = maybe_user();
    login->opener = maybe_user();
    login->ruser = maybe_user();
    if (pick(2) == 0)
        login->service = "su";
    login->opener_unknown = pick(8) == 0;
    if (pick(4) == 0)
        login->in_group = NULL;
    for (unsigned i = 0; i < GROUP_COUNT; i++) {
        others[0][i] = (enum answer)pick(3);
        others[1][i] = (enum answer)pick(3);
    }
    if (pick(2) == 0)
        login->opener_in_group = others[0];
    if (pick(2) == 0)
        login->caller_in_group = others[1];
    person->certificate.key_id = maybe_user();
}

static void a_rule_that_is_no_candidate_is_not_about_the_login(void **state)
{
    unsigned left_out = 0, asked = 0;

    (void)state;
    seed = 20261127;
    for (unsigned round = 0; round < 2 * ROUNDS; round++) {
        enum answer others[2][GROUP_COUNT];
        struct rule_set grants = {NULL, 0}, denies = {NULL, 0};
        struct person person;
        char text[4096];
        struct policy *policy;

        strcpy(text, setting);
        append_rules(text, false);
        policy = good_policy(text);
        assert_non_null(policy);
        invent_person(policy, &person);
        invent_rest(&person, others);
        assert_int_equal(candidates_grants(policy, &person.login, &grants), 0);
        assert_int_equal(candidates_denies(policy, &person.login, &denies), 0);
        for (size_t i = 0; i < policy->grant_count; i++) {
            bool asks = rule_set_has(&grants, i);

            if (!asks && match_grant(policy, &policy->grants[i], &person.login).answer != ANSWER_NO)
                fail_msg("%s for %s: grant %zu is not asked", text, person.user, i);
            asked += asks;
            left_out += !asks;
        }
        for (size_t i = 0; i < policy->deny_count; i++) {
            bool asks = rule_set_has(&denies, i);

            if (!asks && match_deny(policy, &policy->denies[i], &person.login).answer != ANSWER_NO)
                fail_msg("%s for %s: deny %zu is not asked", text, person.user, i);
            asked += asks;
            left_out += !asks;
        }
        rule_set_free(&grants);
        rule_set_free(&denies);
        policy_free(policy);
    }
    assert_true(asked > ROUNDS);
    assert_true(left_out > ROUNDS / 4);
}

/* The places in the set, as "1 5 ". */
static void list(const struct rule_set *set, char *text, size_t size)
{
    size_t used = 0;

    text[0] = '\0';
    for (size_t i = rule_set_next(set, 0); i < set->count; i = rule_set_next(set, i + 1))
        used += (size_t)snprintf(text + used, size - used, "%zu ", i);
}

static void few_rules_of_a_large_policy_are_candidates(void **state)
{
    struct login login = {.user = "u7", .human = "alix", .typed = "v64", .service = "sshd"};
    struct rule_set grants = {NULL, 0}, denies = {NULL, 0};
    enum answer *in_group;
    struct policy *policy;
    char *text, listed[256];
    size_t length;
    FILE *stream = open_memstream(&text, &length);

    (void)state;
    assert_non_null(stream);
    write_large_policy(stream, 5);
    assert_int_equal(fclose(stream), 0);
    policy = good_policy(text);
    assert_non_null(policy);
    in_group = calloc(policy->groups.count, sizeof *in_group);
    assert_non_null(in_group);
    for (size_t i = 0; i < policy->groups.count; i++)
        if (strcmp(policy->groups.items[i], "g499") == 0 ||
            strcmp(policy->groups.items[i], "h63") == 0)
            in_group[i] = ANSWER_UNKNOWN;
    login.in_group = in_group;
    assert_int_equal(candidates_grants(policy, &login, &grants), 0);
    list(&grants, listed, sizeof listed);
    assert_string_equal(listed, "7 499 ");
    assert_int_equal(candidates_denies(policy, &login, &denies), 0);
    list(&denies, listed, sizeof listed);
    assert_string_equal(listed, "63 64 ");
    rule_set_free(&grants);
    rule_set_free(&denies);
    policy_free(policy);
    free(in_group);
    free(text);
}

static void who_may_still_turn_out_another_is_asked_every_rule(void **state)
{
    static char text[8192];
    const struct login login = {.user = "u0", .human = "u0", .certificate_unknown = true};
    struct rule_set denies = {NULL, 0};
    struct policy *policy;
    size_t place = 0;

    (void)state;
    strcpy(text, setting);
    for (unsigned i = 0; i < 130; i++)
        sprintf(text + strlen(text), "[deny d%u]\nusers = w%u\n", i, i);
    policy = good_policy(text);
    assert_non_null(policy);
    assert_int_equal(candidates_denies(policy, &login, &denies), 0);
    assert_int_equal(denies.count, 130);
    for (; place < denies.count; place++)
        assert_int_equal(rule_set_next(&denies, place), place);
    assert_int_equal(rule_set_next(&denies, place), denies.count);
    rule_set_free(&denies);
    policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_rule_that_is_no_candidate_is_not_about_the_login),
        cmocka_unit_test(few_rules_of_a_large_policy_are_candidates),
        cmocka_unit_test(who_may_still_turn_out_another_is_asked_every_rule),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
