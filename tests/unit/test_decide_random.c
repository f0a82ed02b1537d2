/*
 * Properties of all decisions, on random policies and logins from a fixed seed. They are also held
 * against a plain second reading of the rules, which tries every way in which what is not known
 * could turn out.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "random_login.h"

/* The policy of the setting and some rules, whose text is in `text`. */
static struct policy *invent_policy(char *text, bool apart)
{
    struct policy *policy;

    strcpy(text, setting);
    append_rules(text, apart);
    policy = good_policy(text);
    assert_non_null(policy);
    return policy;
}

static struct policy *reread(const char *text, struct person *person)
{
    struct policy *policy = good_policy(text);

    assert_non_null(policy);
    look_up(policy, person);
    return policy;
}

static void decisions_are_those_of_the_worst_world(void **state)
{
    unsigned seen[STATUS_COUNT] = {0}, derived = 0, undecided = 0;

    (void)state;
    seed = 20260102;
    for (unsigned round = 0; round < ROUNDS; round++) {
        bool apart = round % 2 == 0, facts_known, look_ups_answered = true;
        unsigned any;
        struct person person;
        struct said said, expected;
        char text[4096];
        struct policy *policy = invent_policy(text, apart);

        invent_person(policy, &person);
        said = ask(policy, &person);
        expected = judge(policy, &person, &any);
        seen[said.status]++;
        derived += (said.roles & 0xf0) != 0;
        undecided += said.undecided;
        /*
         * What stands on both sides, and groups of which even the names are not known, may be
         * called open although no answer could bring anything.
         */
        if ((apart && !person.names_unknown) || said.status != STATUS_UNAVAILABLE) {
            if (said.status != expected.status || said.roles != expected.roles)
                fail_msg("%s for %s: %s %x, expected %s %x", text, person.user,
                         status_name(said.status), said.roles, status_name(expected.status),
                         expected.roles);
        } else {
            assert_int_not_equal(expected.status, STATUS_PERMITTED);
        }
        /* It is undecided for facts alone, and unavailable for look-ups alone. */
        facts_known =
            !person.auth_unknown && !person.address_unknown && !person.certificate_unknown;
        for (unsigned i = 0; i < GROUP_COUNT; i++)
            look_ups_answered = look_ups_answered && person.by_number[i] != ANSWER_UNKNOWN;
        if (facts_known)
            assert_false(said.undecided);
        else if (look_ups_answered && !person.names_unknown)
            assert_int_equal(said.undecided, said.status == STATUS_UNAVAILABLE);
        policy_free(policy);
    }
    /* The rounds are worth something. */
    assert_true(seen[STATUS_PERMITTED] > ROUNDS / 20);
    assert_true(seen[STATUS_NO_GRANT] > ROUNDS / 20);
    assert_true(seen[STATUS_DENIED] > ROUNDS / 20);
    assert_true(seen[STATUS_UNAVAILABLE] > ROUNDS / 20);
    assert_true(derived > ROUNDS / 50);
    assert_true(undecided > ROUNDS / 50);
}

static void a_further_deny_never_adds_a_role_and_one_for_all_always_wins(void **state)
{
    (void)state;
    seed = 20260203;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct person person;
        struct said before, after;
        char text[4096];
        unsigned any;
        char *end;
        struct policy *policy = invent_policy(text, false);
        const char *name;

        invent_person(policy, &person);
        before = ask(policy, &person);
        judge(policy, &person, &any);
        name = pick(2) == 0 ? person.login.user : person.login.human;
        policy_free(policy);

        end = text + strlen(text);
        append_deny(text, 9, GROUP_COUNT, true);
        policy = reread(text, &person);
        after = ask(policy, &person);
        /*
         * Where an open answer threatened one role, and so all of them, the further deny may
         * settle that one and leave the others; it still brings none that was out of reach.
         */
        assert_int_equal(after.roles & ~any, 0);
        if (before.status != STATUS_UNAVAILABLE)
            assert_int_equal(after.roles & ~before.roles, 0);
        if (before.status == STATUS_DENIED)
            assert_int_equal(after.status, STATUS_DENIED);
        policy_free(policy);

        sprintf(end, "[deny d9]\n%s = %s\n", pick(2) == 0 ? "users" : "principals", name);
        policy = reread(text, &person);
        assert_int_equal(ask(policy, &person).status, STATUS_DENIED);
        policy_free(policy);
    }
}

/* Conditions that a grant may be given beside others, and whether they are met by everybody. */
static const struct {
    const char *text;
    bool met, about_time;
} further[] = {
    {"until = 2026-11-25T14:00Z\n", true, true},  {"until = 2026-11-25T12:00Z\n", false, true},
    {"hosts = h* nowhere\n", true, false},        {"hosts = t*\n", false, false},
    {"auth = publickey password\n", true, false}, {"auth = hostbased\n", false, false},
    {"from = 0.0.0.0/0\n", true, false},          {"from = 2001:db8::/32\n", false, false},
};

/* Whether the grant has this key already, or would never hold with it. */
static bool clashes(const char *grant, const char *condition)
{
    char key[8] = "";

    sscanf(condition, "%7s", key);
    return strstr(grant, key) != NULL ||
           (strcmp(key, "until") == 0 && strstr(grant, NOT_YET) != NULL);
}

static void a_further_condition_never_adds_a_role(void **state)
{
    unsigned fewer = 0, tried = 0;

    (void)state;
    seed = 20260506;
    for (unsigned round = 0; round < 2 * ROUNDS; round++) {
        unsigned which = pick(sizeof further / sizeof *further), any;
        struct person person;
        struct said before, after;
        char text[4096];
        const char *rule;
        struct policy *policy;

        strcpy(text, setting);
        append_rules(text, false);
        rule = text + strlen(text);
        if (pick(4) == 0)
            append_pattern(text, 9);
        else
            append_grant(text, 9, 0);
        if (clashes(rule, further[which].text))
            continue;
        policy = good_policy(text);
        assert_non_null(policy);
        invent_person(policy, &person);
        person.auth_unknown = person.address_unknown = false;
        look_up(policy, &person);
        before = ask(policy, &person);
        judge(policy, &person, &any);
        policy_free(policy);

        strcat(text, further[which].text);
        policy = reread(text, &person);
        after = ask(policy, &person);
        /* As with a further deny, what no longer threatens one role may leave the others. */
        assert_int_equal(after.roles & ~any, 0);
        if (before.status != STATUS_UNAVAILABLE)
            assert_int_equal(after.roles & ~before.roles, 0);
        /* Nor does a time let in as "no grant" whom a rule keeps out. */
        if (before.status == STATUS_DENIED && further[which].about_time)
            assert_int_equal(after.status, STATUS_DENIED);
        if (further[which].met) {
            assert_int_equal(after.status, before.status);
            assert_int_equal(after.roles, before.roles);
            assert_string_equal(after.login_role, before.login_role);
        }
        fewer += after.roles != before.roles;
        tried++;
        policy_free(policy);
    }
    assert_true(tried > ROUNDS);
    assert_true(fewer > ROUNDS / 20);
}

/* Makes one thing unknown that is known of the person. */
static void forget_one(struct person *person)
{
    bool *const facts[] = {&person->auth_unknown, &person->address_unknown,
                           &person->certificate_unknown, &person->names_unknown,
                           &person->host_unknown};
    unsigned which = pick(GROUP_COUNT + sizeof facts / sizeof *facts);

    if (which < GROUP_COUNT)
        person->by_number[which] = ANSWER_UNKNOWN;
    else
        *facts[which - GROUP_COUNT] = true;
}

static void an_answer_that_is_missing_never_adds_a_role(void **state)
{
    (void)state;
    seed = 20260304;
    for (unsigned round = 0; round < 2 * ROUNDS; round++) {
        struct person person;
        struct said before, after;
        char text[4096];
        struct policy *policy = invent_policy(text, false);

        invent_person(policy, &person);
        before = ask(policy, &person);
        forget_one(&person);
        look_up(policy, &person);
        after = ask(policy, &person);
        if ((after.roles & ~before.roles) != 0)
            fail_msg("%s for %s: %x, before %x", text, person.user, after.roles, before.roles);
        /* Nor does it let in whom a rule keeps out. */
        if (before.status == STATUS_DENIED)
            assert_true(after.status == STATUS_DENIED || after.status == STATUS_UNAVAILABLE);
        policy_free(policy);
    }
}

static void what_does_not_matter_changes_nothing(void **state)
{
    unsigned idle = 0, idle_names = 0;

    (void)state;
    seed = 20260405;
    for (unsigned round = 0; round < ROUNDS; round++) {
        bool matters[GROUP_COUNT];
        struct person person;
        struct said before, after;
        char text[4096];
        struct policy *policy = invent_policy(text, false);

        invent_person(policy, &person);
        before = ask(policy, &person);
        decide_groups_that_matter(policy, &person.login, matters);
        for (size_t i = 0; i < policy->groups.count; i++)
            if (!matters[i]) {
                person.in_group[i] = (enum answer)pick(3);
                idle++;
            }
        if (!decide_needs_group_names(policy, &person.login)) {
            person.login.groups_unknown = !person.login.groups_unknown;
            person.login.group_names = person.login.groups_unknown ? NULL : &person.group_names;
            idle_names++;
        }
        after = ask(policy, &person);
        if (after.status != before.status)
            fail_msg("%s for %s: %s, before %s", text, person.user, status_name(after.status),
                     status_name(before.status));
        assert_int_equal(after.roles, before.roles);
        assert_string_equal(after.login_role, before.login_role);
        policy_free(policy);
    }
    assert_true(idle > ROUNDS / 20);
    assert_true(idle_names > ROUNDS / 20);
}

/* Spreads the sections of `rules` over the files, in the order that `order` gives them. */
static void spread(const char *rules, char texts[3][4096], unsigned order)
{
    const char *end;

    for (unsigned i = 0; i < 3; i++)
        texts[i][0] = '\0';
    for (; *rules != '\0'; rules = end) {
        char *text = texts[order % 3];

        order = order / 3 + (order % 3) * 19683;
        end = strstr(rules + 1, "\n[");
        end = end != NULL ? end + 1 : rules + strlen(rules);
        strncat(text, rules, (size_t)(end - rules));
    }
}

static void the_order_of_files_changes_the_default_at_most(void **state)
{
    static const struct trust unchecked = {.unchecked = true, .largest = 1024 * 1024};
    static char texts[3][4096];
    unsigned differed = 0;

    (void)state;
    seed = 20260607;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct person person;
        struct said said[2];
        char text[4096];
        struct policy *policy = invent_policy(text, false);

        invent_person(policy, &person);
        policy_free(policy);
        for (unsigned i = 0; i < 2; i++) {
            struct policy_overlay files[4] = {
                {"/p/xacct.conf", NULL, setting, strlen(setting)},
                {"/p/conf.d/10.conf", NULL, texts[0], 0},
                {"/p/conf.d/20.conf", NULL, texts[1], 0},
                {"/p/conf.d/30.conf", NULL, texts[2], 0},
            };
            struct policy_errors errors;

            spread(text + strlen(setting), texts, pick(59049));
            for (unsigned j = 1; j < 4; j++)
                files[j].length = strlen(files[j].bytes);
            policy = policy_parse_files(files, 4, &unchecked, &errors);
            policy_errors_free(&errors);
            assert_non_null(policy);
            look_up(policy, &person);
            said[i] = ask(policy, &person);
            policy_free(policy);
        }
        assert_int_equal(said[0].status, said[1].status);
        assert_int_equal(said[0].roles, said[1].roles);
        assert_int_equal(said[0].undecided, said[1].undecided);
        differed += strcmp(said[0].login_role, said[1].login_role) != 0;
    }
    assert_true(differed > 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions_are_those_of_the_worst_world),
        cmocka_unit_test(a_further_deny_never_adds_a_role_and_one_for_all_always_wins),
        cmocka_unit_test(a_further_condition_never_adds_a_role),
        cmocka_unit_test(an_answer_that_is_missing_never_adds_a_role),
        cmocka_unit_test(what_does_not_matter_changes_nothing),
        cmocka_unit_test(the_order_of_files_changes_the_default_at_most),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
