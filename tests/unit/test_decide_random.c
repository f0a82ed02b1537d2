/*
 * Properties of all decisions, on random policies and logins from a fixed seed. They are also held
 * against a plain second reading of the rules, which tries every way in which the unanswered
 * look-ups could turn out.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/decide.h"
#include "policy_text.h"

/* Fewer for valgrind and the sanitizers, which look at memory and not at what is decided. */
#ifdef XACCT_WITHOUT_SANDBOX
#define ROUNDS 1000
#else
#define ROUNDS 3000
#endif
#define ROLE_COUNT  4U /* r0 r1 in account a, r2 r3 in account b */
#define GROUP_COUNT 4U
#define USER_COUNT  3U
#define NOW         1795608000 /* 2026-11-25T12:00:00Z, a Wednesday */
#define ENDED_FOR   3600

static const char setting[] = HEAD "[role r0]\naccount = a\nname = R0\n"
                                   "[role r1]\naccount = a\nname = R1\n"
                                   "[role r2]\naccount = b\nname = R2\n"
                                   "[role r3]\naccount = b\nname = R3\n";

/* xorshift64: the same numbers everywhere. */
static uint64_t seed;

static unsigned pick(unsigned below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (unsigned)((seed >> 33) % below);
}

/* Appends "KEY = " and some of the names from PREFIX`from` to before PREFIX`to`: one at least. */
static void append_names(char *text, const char *key, const char *prefix, unsigned from,
                         unsigned to)
{
    unsigned names = 1 + pick((1U << (to - from)) - 1);

    text += strlen(text);
    text += sprintf(text, "%s =", key);
    for (unsigned i = from; i < to; i++)
        if ((names & (1U << (i - from))) != 0)
            text += sprintf(text, " %s%u", prefix, i);
    strcpy(text, "\n");
}

/* Appends whom a rule is about, with groups from `from` to before `to`. */
static void append_subjects(char *text, unsigned from, unsigned to)
{
    unsigned kinds = 1 + pick(3);

    if ((kinds & 1) != 0)
        append_names(text, "users", "u", 0, USER_COUNT);
    if ((kinds & 2) != 0)
        append_names(text, "groups", "g", from, to);
}

static void append_deny(char *text, unsigned number, unsigned groups)
{
    sprintf(text + strlen(text), "[deny d%u]\n", number);
    append_subjects(text, 0, groups);
    if (pick(2) == 0)
        append_names(text, "roles", "r", 0, ROLE_COUNT);
    if (pick(4) == 0)
        strcat(text, pick(2) == 0 ? "accounts = a\n" : "accounts = b\n");
}

#define NOT_YET "since = 2026-11-25T13:00Z\n"

/* What a grant may say about time. */
static const char *const conditions[] = {
    "since = 2026-11-25T11:00Z\n",   NOT_YET,         "hours = Wed 12:00-12:01 UTC\n",
    "hours = Wed 12:01-12:00 UTC\n", "detach = 2h\n", "detach = 1h\n",
};

/* Whether what a grant says about time holds now, by the texts above and those of `until` below. */
static bool is_in_time(const struct grant *grant, const struct login *login)
{
    if (grant->since.text != NULL && strstr(NOT_YET, grant->since.text) != NULL)
        return false;
    if (grant->until.text != NULL && strcmp(grant->until.text, "2026-11-25T12:00Z") == 0)
        return false;
    if (grant->hours.text != NULL && strstr(grant->hours.text, "12:01-") != NULL)
        return false;
    return !login->ended || grant->detach == 2 * ENDED_FOR;
}

static void append_grant(char *text, unsigned number, unsigned first_group)
{
    unsigned role = pick(ROLE_COUNT);

    sprintf(text + strlen(text), "[grant g%u]\nroles = r%u\n", number, role);
    append_names(text, "roles", "r", 0, ROLE_COUNT);
    append_subjects(text, first_group, GROUP_COUNT);
    if (pick(2) == 0)
        sprintf(text + strlen(text), "default = r%u\n", role);
    if (pick(3) == 0)
        strcat(text, "services = sudo\n");
    for (unsigned i = 0; i < sizeof conditions / sizeof *conditions; i += 2)
        if (pick(4) == 0)
            strcat(text, conditions[i + pick(2)]);
}

/*
 * Appends up to three denies and three grants. With `apart`, no group stands in both: where one
 * does, a look-up that would give a role may take it away as well.
 */
static void append_rules(char *text, bool apart)
{
    unsigned denies = pick(4), grants = pick(4);

    for (unsigned i = 0; i < denies; i++)
        append_deny(text, i, apart ? GROUP_COUNT / 2 : GROUP_COUNT);
    for (unsigned i = 0; i < grants; i++)
        append_grant(text, i, apart ? GROUP_COUNT / 2 : 0);
}

/* A login, and what each group, by its number, answers for it. */
struct person {
    struct login login;
    char user[8], human[8];
    bool ended; /* the session that asks has */
    enum answer by_number[GROUP_COUNT];
    enum answer in_group[GROUP_COUNT]; /* the same in the policy's order */
};

static void look_up(const struct policy *policy, struct person *person)
{
    for (size_t i = 0; i < policy->groups.count; i++)
        person->in_group[i] = person->by_number[policy->groups.items[i][1] - '0'];
    person->login = (struct login){.user = person->user,
                                   .human = person->human,
                                   .service = "sshd",
                                   .in_group = person->in_group,
                                   .now = NOW,
                                   .ended = person->ended,
                                   .ended_for = ENDED_FOR};
}

static void invent_person(const struct policy *policy, struct person *person)
{
    memset(person, 0, sizeof *person);
    snprintf(person->user, sizeof person->user, "u%u", pick(USER_COUNT + 1));
    strcpy(person->human, person->user);
    if (pick(3) == 0)
        snprintf(person->human, sizeof person->human, "u%u", pick(USER_COUNT + 1));
    for (unsigned i = 0; i < GROUP_COUNT; i++)
        person->by_number[i] = (enum answer)pick(3);
    person->ended = pick(4) == 0;
    look_up(policy, person);
}

/* What a decision says, roles as bits by their number. */
struct said {
    enum status status;
    unsigned roles;
    const struct role *login_role;
};

static struct said ask(const struct policy *policy, const struct person *person)
{
    struct decision decision;
    struct said said = {.roles = 0};

    assert_int_equal(decide(policy, &person->login, NULL, &decision), 0);
    said.status = decision.status;
    said.login_role = decision.login_role;
    for (size_t i = 0; i < decision.role_count; i++)
        said.roles |= 1U << (decision.roles[i].role->name[1] - '0');
    assert_int_equal(decision.role_count, (size_t)__builtin_popcount(said.roles));
    decision_free(&decision);
    return said;
}

/* Whether a rule is about a person whose every look-up is answered. */
static bool concerns(const struct subjects *who, const struct person *person)
{
    for (size_t i = 0; i < who->users.count; i++)
        if (strcmp(who->users.items[i], person->user) == 0 ||
            strcmp(who->users.items[i], person->human) == 0)
            return true;
    for (size_t i = 0; i < who->group_count; i++)
        if (person->in_group[who->groups[i]] == ANSWER_YES)
            return true;
    return false;
}

/* The rules for one world, in which every look-up is answered. */
static struct said judge_world(const struct policy *policy, const struct person *person)
{
    struct said said = {.status = STATUS_NO_GRANT};

    for (size_t i = 0; i < policy->grant_count; i++) {
        const struct grant *grant = &policy->grants[i];

        if (grant->services.count > 0 || !concerns(&grant->who, person))
            continue;
        said.status = STATUS_DENIED;
        for (size_t j = 0; is_in_time(grant, &person->login) && j < grant->role_count; j++)
            said.roles |= 1U << (grant->roles[j]->name[1] - '0');
    }
    for (size_t i = 0; i < policy->deny_count; i++) {
        const struct deny *deny = &policy->denies[i];

        if (!concerns(&deny->who, person))
            continue;
        if (deny->role_count == 0 && deny->account_count == 0)
            return (struct said){.status = STATUS_DENIED};
        for (size_t j = 0; j < deny->role_count; j++)
            said.roles &= ~(1U << (deny->roles[j]->name[1] - '0'));
        for (size_t j = 0; j < deny->account_count; j++)
            said.roles &= deny->accounts[j]->name[0] == 'a' ? 0xcU : 0x3U;
    }
    if (said.roles != 0)
        said.status = STATUS_PERMITTED;
    return said;
}

/*
 * The rules for all worlds that the unanswered look-ups leave open. `any` gets the roles that are
 * permitted in one of them at least.
 */
static struct said judge(const struct policy *policy, const struct person *person, unsigned *any)
{
    struct said first = {.roles = 0};
    bool agreed = true;

    *any = 0;

    for (unsigned world = 0; world < 1U << GROUP_COUNT; world++) {
        struct person there = *person;
        struct said said;

        for (unsigned i = 0; i < GROUP_COUNT; i++)
            if (there.by_number[i] == ANSWER_UNKNOWN)
                there.by_number[i] = (world & (1U << i)) != 0 ? ANSWER_YES : ANSWER_NO;
        look_up(policy, &there);
        said = judge_world(policy, &there);
        *any |= said.roles;
        /* In the first world every look-up that is open says no. */
        if (world == 0)
            first = said;
        else if (said.status != first.status || (first.roles & ~said.roles) != 0)
            agreed = false;
    }
    return agreed ? first : (struct said){.status = STATUS_UNAVAILABLE};
}

static void decisions_are_those_of_the_worst_world(void **state)
{
    unsigned seen[STATUS_COUNT] = {0};

    (void)state;
    seed = 20260102;
    for (unsigned round = 0; round < ROUNDS; round++) {
        bool apart = round % 2 == 0;
        unsigned any;
        struct person person;
        struct policy *policy;
        struct said said, expected;
        char text[4096];

        strcpy(text, setting);
        append_rules(text, apart);
        policy = good_policy(text);
        assert_non_null(policy);
        invent_person(policy, &person);
        said = ask(policy, &person);
        expected = judge(policy, &person, &any);
        seen[said.status]++;
        /* One look-up on both sides may be called open although it cannot bring anything. */
        if (apart || said.status != STATUS_UNAVAILABLE) {
            if (said.status != expected.status || said.roles != expected.roles)
                fail_msg("%s for %s: %s %x, expected %s %x", text, person.user,
                         status_name(said.status), said.roles, status_name(expected.status),
                         expected.roles);
        } else {
            assert_int_not_equal(expected.status, STATUS_PERMITTED);
        }
        policy_free(policy);
    }
    /* The rounds are worth something. */
    assert_true(seen[STATUS_PERMITTED] > ROUNDS / 20);
    assert_true(seen[STATUS_NO_GRANT] > ROUNDS / 20);
    assert_true(seen[STATUS_DENIED] > ROUNDS / 20);
    assert_true(seen[STATUS_UNAVAILABLE] > ROUNDS / 20);
}

static void a_further_deny_never_adds_a_role_and_one_for_all_always_wins(void **state)
{
    (void)state;
    seed = 20260203;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct person person;
        struct policy *policy;
        struct said before, after;
        char text[4096];
        unsigned any;
        char *end;

        strcpy(text, setting);
        append_rules(text, false);
        policy = good_policy(text);
        assert_non_null(policy);
        invent_person(policy, &person);
        before = ask(policy, &person);
        judge(policy, &person, &any);
        policy_free(policy);

        end = text + strlen(text);
        append_deny(text, 9, GROUP_COUNT);
        policy = good_policy(text);
        assert_non_null(policy);
        look_up(policy, &person);
        after = ask(policy, &person);
        /*
         * Where an open look-up threatened one role, and so all of them, the further deny may
         * settle that one and leave the others; it still brings none that was out of reach.
         */
        assert_int_equal(after.roles & ~any, 0);
        if (before.status != STATUS_UNAVAILABLE)
            assert_int_equal(after.roles & ~before.roles, 0);
        if (before.status == STATUS_DENIED)
            assert_int_equal(after.status, STATUS_DENIED);
        policy_free(policy);

        sprintf(end, "[deny d9]\nusers = %s\n", pick(2) == 0 ? person.user : person.human);
        policy = good_policy(text);
        assert_non_null(policy);
        look_up(policy, &person);
        assert_int_equal(ask(policy, &person).status, STATUS_DENIED);
        policy_free(policy);
    }
}

static void a_further_condition_never_adds_a_role(void **state)
{
    unsigned fewer = 0;

    (void)state;
    seed = 20260506;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct person person;
        struct policy *policy;
        struct said before, after;
        char text[4096];
        unsigned any;
        const char *grant;
        bool met;

        strcpy(text, setting);
        append_rules(text, false);
        grant = text + strlen(text);
        append_grant(text, 9, 0);
        /* A grant that is to end before it begins is none. */
        met = strstr(grant, NOT_YET) != NULL || pick(2) == 0;
        policy = good_policy(text);
        assert_non_null(policy);
        invent_person(policy, &person);
        before = ask(policy, &person);
        judge(policy, &person, &any);
        policy_free(policy);

        strcat(text, met ? "until = 2026-11-25T14:00Z\n" : "until = 2026-11-25T12:00Z\n");
        policy = good_policy(text);
        assert_non_null(policy);
        look_up(policy, &person);
        after = ask(policy, &person);
        /* As with a further deny, what no longer threatens one role may leave the others. */
        assert_int_equal(after.roles & ~any, 0);
        if (before.status != STATUS_UNAVAILABLE)
            assert_int_equal(after.roles & ~before.roles, 0);
        /* Nor does it let in as "no grant" whom a rule keeps out. */
        if (before.status == STATUS_DENIED)
            assert_int_equal(after.status, STATUS_DENIED);
        if (met) {
            assert_int_equal(after.status, before.status);
            assert_int_equal(after.roles, before.roles);
            assert_int_equal(after.login_role != NULL, before.login_role != NULL);
        }
        fewer += after.roles != before.roles;
        policy_free(policy);
    }
    assert_true(fewer > ROUNDS / 20);
}

static void an_answer_that_is_missing_never_adds_a_role(void **state)
{
    (void)state;
    seed = 20260304;
    for (unsigned round = 0; round < ROUNDS; round++) {
        struct person person;
        struct policy *policy;
        struct said before, after;
        char text[4096];

        strcpy(text, setting);
        append_rules(text, false);
        policy = good_policy(text);
        assert_non_null(policy);
        invent_person(policy, &person);
        before = ask(policy, &person);
        person.by_number[pick(GROUP_COUNT)] = ANSWER_UNKNOWN;
        look_up(policy, &person);
        after = ask(policy, &person);
        assert_int_equal(after.roles & ~before.roles, 0);
        /* Nor does it let in whom a [deny] keeps out. */
        if (before.status == STATUS_DENIED)
            assert_true(after.status == STATUS_DENIED || after.status == STATUS_UNAVAILABLE);
        policy_free(policy);
    }
}

static void a_group_that_does_not_matter_changes_nothing(void **state)
{
    unsigned idle = 0;

    (void)state;
    seed = 20260405;
    for (unsigned round = 0; round < ROUNDS; round++) {
        bool matters[GROUP_COUNT];
        struct person person;
        struct policy *policy;
        struct said before, after;
        char text[4096];

        strcpy(text, setting);
        append_rules(text, false);
        policy = good_policy(text);
        assert_non_null(policy);
        invent_person(policy, &person);
        before = ask(policy, &person);
        decide_groups_that_matter(policy, &person.login, matters);
        for (size_t i = 0; i < policy->groups.count; i++)
            if (!matters[i]) {
                person.in_group[i] = (enum answer)pick(3);
                idle++;
            }
        after = ask(policy, &person);
        assert_int_equal(after.status, before.status);
        assert_int_equal(after.roles, before.roles);
        assert_ptr_equal(after.login_role, before.login_role);
        policy_free(policy);
    }
    assert_true(idle > ROUNDS / 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(decisions_are_those_of_the_worst_world),
        cmocka_unit_test(a_further_deny_never_adds_a_role_and_one_for_all_always_wins),
        cmocka_unit_test(a_further_condition_never_adds_a_role),
        cmocka_unit_test(an_answer_that_is_missing_never_adds_a_role),
        cmocka_unit_test(a_group_that_does_not_matter_changes_nothing),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
