/*
 * unix_group and gid: what of them is refused, and who is in which group; and what a request of
 * libnss_xacct may say.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "common/unix_group.h"
#include "helper/request.h"
#include "policy/decide.h"
#include "policy_fault.h"

#define NOW     978307200 /* 2001-01-01T00:00:00Z */
#define X31     "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define C(keys) "[account c]\nid = 777788889999\n" keys
#define D(keys) "[account d]\nid = 888899990000\n" keys

/* Lines count from behind HEAD. */
static const struct fault faults[] = {
    {C("unix_group = c\n"), 3, "lacks gid = NUMBER beside it", 0},
    {C("gid = 5000\n"), 3, "lacks unix_group = NAME beside it", 0},
    {C("unix_group = C\ngid = 5000\n"), 3, "write up to 31 of a to z", 0},
    {C("unix_group = 1c\ngid = 5000\n"), 3, "no digit or - first", 0},
    {C("unix_group = -c\ngid = 5000\n"), 3, "no digit or - first", 0},
    {C("unix_group = c:d\ngid = 5000\n"), 3, "write up to 31", 0},
    {C("unix_group = x" X31 "\ngid = 5000\n"), 3, "write up to 31", 0},
    {C("unix_group = c\ngid = 999\n"), 4, "write a number from 1000 to 2147483647", 0},
    {C("unix_group = c\ngid = 0\n"), 4, "write a number", 0},
    {C("unix_group = c\ngid = 60000\n"), 4, "not from 60000 to 65535", 0},
    {C("unix_group = c\ngid = 65534\n"), 4, "not from 60000 to 65535", 0},
    {C("unix_group = c\ngid = 65535\n"), 4, "not from 60000 to 65535", 0},
    {C("unix_group = c\ngid = 2147483648\n"), 4, "write a number", 0},
    {C("unix_group = c\ngid = -1\n"), 4, "write a number", 0},
    {C("unix_group = c\ngid = 5000x\n"), 4, "write a number", 0},
    {C("unix_group = c\ngid = 5000\n") D("unix_group = c\ngid = 5001\n"), 7,
     "unix_group = c has gid = 5000 in line 12; one name is one gid", 0},
    {C("unix_group = c\ngid = 5000\n") D("unix_group = d\ngid = 5000\n"), 7,
     "gid = 5000 is that of unix_group = c in line 12; one gid is one name", 0},
    {C("unix_group = c\nunix_group = d\ngid = 5000\n"), 4, "", 0},
    {"[pattern p]\ngroups = x-{account}-{role}\nunix_group = c\n", 3, "unknown key", 0},
    {"[grant g]\nusers = u\nroles = r\ngid = 5000\n" ROLES, 4, "unknown key", 0},
};

static void each_fault_is_told_with_its_line(void **state)
{
    (void)state;
    expect_faults(HEAD, HEAD_LINES, "", faults, COUNT_OF(faults));
}

static void several_may_share_a_group_and_a_role_does_not_inherit_its_accounts(void **state)
{
    struct policy *policy =
        good_policy(HEAD C("unix_group = c\ngid = 5000\n")
                        D("unix_group = c\ngid = 5000\n") "[role t]\naccount = c\nname = T\n"
                                                          "[role u]\naccount = c\nname = U\n"
                                                          "unix_group = _" /* and 30 more */
                                                          "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n"
                                                          "gid = 2147483647\n");
    const struct account *c;

    (void)state;
    assert_non_null(policy);
    c = policy_find_account(policy, "c");
    assert_int_equal(policy->unix_group_count, 2);
    assert_ptr_equal(c->unix_group, policy->unix_groups[0]);
    assert_ptr_equal(policy_find_account(policy, "d")->unix_group, c->unix_group);
    assert_null(policy_find_account(policy, "a")->unix_group);
    assert_null(policy_find_role(policy, "t")->unix_group);
    assert_ptr_equal(policy_find_role(policy, "u")->unix_group, policy->unix_groups[1]);
    assert_int_equal(policy->unix_groups[1]->gid, 2147483647);
    for (size_t i = 0; i < policy->unix_group_count; i++)
        assert_int_equal(policy->unix_groups[i]->place, i);
    policy_free(policy);
}

/* Accounts c and d with groups c and d, of which c's role t has a group of its own. */
#define GROUPS                                                                                     \
    C("unix_group = c\ngid = 5000\n")                                                              \
    D("unix_group = d\ngid = 5001\n")                                                              \
    "[role t]\naccount = c\nname = T\nunix_group = t\ngid = 5002\n"                                \
    "[role u]\naccount = c\nname = U\n"                                                            \
    "[role v]\naccount = d\nname = V\n"
#define CA                                                                                         \
    "[ca p]\nkey = ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIFct42Ibo8ITIMTyEYz6KEXKBMUQkIfWIhbUhAl9h"  \
    "PCv\nnames = *@p\n"

/* The groups of the user `u` on the host `h`, where all look-ups say `answer`. */
static const struct {
    const char *rules;
    enum answer answer;
    const char *expected;
} memberships[] = {
    {"[grant g]\nusers = u\nroles = t\n", ANSWER_NO, "ct"},
    {"[grant g]\nusers = u\nroles = u v\n", ANSWER_NO, "cd"},
    {"[grant g]\nusers = w\nroles = t\n", ANSWER_NO, ""},
    {"[grant g]\nusers = u\nroles = t\nservices = sudo\nfrom = 10.0.0.0/8\n", ANSWER_NO, "ct"},
    {"[grant g]\nusers = u\nroles = t\nauth = publickey\n", ANSWER_NO, ""},
    {"[grant g]\nusers = u\nroles = t\nhosts = h\n", ANSWER_NO, "ct"},
    {"[grant g]\nusers = u\nroles = t\nhosts = i\n", ANSWER_NO, ""},
    {"[grant g]\nusers = u\nroles = t\nuntil = 2000-12-31\n", ANSWER_NO, ""},
    {"[grant g]\nusers = u\nroles = t\nhours = Mon 00:00-01:00 UTC\n", ANSWER_NO, "ct"},
    {"[grant g]\nusers = u\nroles = t\nhours = Tue 00:00-01:00 UTC\n", ANSWER_NO, ""},
    {"[grant g]\ngroups = x\nroles = t\n", ANSWER_YES, "ct"},
    {"[grant g]\ngroups = x\nroles = t\n", ANSWER_NO, ""},
    {"[grant g]\ngroups = x\nroles = t\n", ANSWER_UNKNOWN, ""},
    {"[grant g]\nusers = u\nroles = t v\n[deny d]\ngroups = x\n", ANSWER_NO, "cdt"},
    {"[grant g]\nusers = u\nroles = t v\n[deny d]\ngroups = x\n", ANSWER_UNKNOWN, ""},
    {"[grant g]\nusers = u\nroles = t v\n[deny d]\ngroups = x\nroles = t\n", ANSWER_UNKNOWN, "d"},
    {"[grant g]\nusers = u\nroles = t u\n[deny d]\ngroups = x\nroles = t\n", ANSWER_YES, "c"},
    {"[grant g]\nusers = u\nroles = t v\n[deny d]\nusers = u\naccounts = c\n", ANSWER_NO, "d"},
    {"[grant g]\nusers = u\nroles = t v\n[deny d]\nusers = typed\n", ANSWER_NO, ""},
    {CA "[grant g]\nusers = u\nroles = t v\n[deny d]\nusers = w\naccounts = c\n", ANSWER_NO, "cdt"},
    {CA "[grant g]\nusers = u\nroles = t v\n[deny d]\nprincipals = u@p\n", ANSWER_NO, "cdt"},
    {CA "[grant g]\nusers = u\nroles = t v\n[deny d]\ngroups = x\n", ANSWER_NO, "cdt"},
    {CA "[grant g]\nusers = u\nroles = v\n[grant h]\nprincipals = u@p\nroles = t\n", ANSWER_NO,
     "d"},
    {"[pattern p]\ngroups = aws-{account}-{role}\n", ANSWER_NO, "ct"},
    {"[pattern p]\ngroups = aws-{account}-{role}\nname = {role}\ncase = exact\nhosts = i\n",
     ANSWER_NO, ""},
    {"[pattern p]\ngroups = aws-{account}-{role}\n[deny d]\nusers = u\nroles = t\n", ANSWER_NO, ""},
};

static void each_user_is_in_the_groups_of_what_is_surely_theirs(void **state)
{
    enum answer answers[4];
    char group[] = "aws-c-t", *name = group, rules[2048], found[8];
    struct texts names = {&name, 1};
    bool member[3];

    (void)state;
    for (size_t i = 0; i < sizeof memberships / sizeof *memberships; i++) {
        struct policy *policy;
        struct login login = {.user = "u",
                              .human = "u",
                              .typed = "typed",
                              .host = "h",
                              .group_names = &names,
                              .in_group = answers,
                              .of_user = true,
                              .now = NOW};
        size_t length = 0;

        snprintf(rules, sizeof rules, HEAD GROUPS "%s", memberships[i].rules);
        policy = good_policy(rules);
        assert_non_null(policy);
        assert_int_equal(policy->unix_group_count, 3);
        assert_in_range(policy->groups.count, 0, 4);
        for (size_t j = 0; j < 4; j++)
            answers[j] = memberships[i].answer;
        memset(member, true, sizeof member);
        assert_int_equal(decide_unix_groups(policy, &login, member), 0);
        for (size_t j = 0; j < 3; j++)
            if (member[j])
                found[length++] = policy->unix_groups[j]->name[0];
        found[length] = '\0';
        if (strcmp(found, memberships[i].expected) != 0) {
            print_error("by these rules:\n%s", memberships[i].rules);
            assert_string_equal(found, memberships[i].expected);
        }
        policy_free(policy);
    }
}

/* Keys and values of a request of this uid; what is read of it. */
static const struct {
    uid_t uid;
    const char *pairs[3][2];
    enum status status;
    const char *words; /* of the refusal */
} requests[] = {
    {0, {{"user", "alice"}}, STATUS_PERMITTED, NULL},
    {1001, {{"user", "alice"}}, STATUS_PERMITTED, NULL},
    {1001, {{"group", "c"}}, STATUS_PERMITTED, NULL},
    {1001, {{"gid", "5000"}}, STATUS_PERMITTED, NULL},
    {1001, {{"gid", "4294967294"}}, STATUS_PERMITTED, NULL},
    {0, {{NULL}}, STATUS_PERMITTED, NULL},
    {0, {{"user", ""}}, STATUS_MISCONFIGURED, "\"user\" is missing or malformed: do libnss_xacct"},
    {0, {{"user", "u"}, {"gid", "5000"}}, STATUS_MISCONFIGURED, "\"user\""},
    {0, {{"user", "u"}, {"group", "c"}}, STATUS_MISCONFIGURED, "\"user\""},
    {0, {{"group", "c"}, {"gid", "5000"}}, STATUS_MISCONFIGURED, "\"group\""},
    {0, {{"gid", "-1"}}, STATUS_MISCONFIGURED, "\"gid\""},
    {0, {{"gid", "4294967295"}}, STATUS_MISCONFIGURED, "\"gid\""},
    {0, {{"gid", ""}}, STATUS_MISCONFIGURED, "\"gid\""},
    {65534, {{"user", "nobody"}}, STATUS_DENIED, "another user namespace"},
};

static void each_question_is_read_strictly(void **state)
{
    unsigned char memory[1024];
    struct request request;
    struct frame frame;
    char why[1024];

    (void)state;
    for (size_t i = 0; i < sizeof requests / sizeof *requests; i++) {
        const struct peer peer = {.uid = requests[i].uid, .pid = 1};

        frame_init(&frame, memory, sizeof memory);
        assert_int_equal(frame_add(&frame, "version", "1"), 0);
        assert_int_equal(frame_add(&frame, "op", "groups"), 0);
        assert_int_equal(frame_add(&frame, "deadline_ms", "60000"), 0);
        for (size_t j = 0; j < 3 && requests[i].pairs[j][0] != NULL; j++)
            assert_int_equal(frame_add(&frame, requests[i].pairs[j][0], requests[i].pairs[j][1]),
                             0);
        assert_int_equal(request_parse(&frame, peer, deadline_in_ms(0), &request, why, sizeof why),
                         requests[i].status);
        if (requests[i].words != NULL)
            assert_non_null(strstr(why, requests[i].words));
        else if (requests[i].uid == 0)
            /* Shorter than NSS waits, or root's programs would not hear of what is known. */
            assert_in_range(deadline_left_ms(request.deadline), 1, 180);
        else
            /* Longer, or a look-up process would be killed each time. */
            assert_in_range(deadline_left_ms(request.deadline), 800, 1000);
    }
}

static void what_may_be_a_name_and_a_gid(void **state)
{
    (void)state;
    assert_true(unix_group_may_be_called("a") && unix_group_may_be_called(X31));
    assert_false(unix_group_may_be_called("") || unix_group_may_be_called(X31 "x"));
    assert_false(unix_group_may_be_called("a b") || unix_group_may_be_called("\xc3\xa4"));
    assert_true(unix_group_may_have(1000) && unix_group_may_have(59999));
    assert_true(unix_group_may_have(65536) && unix_group_may_have(INT32_MAX));
    assert_false(unix_group_may_have(999) || unix_group_may_have(60000));
    assert_false(unix_group_may_have(65535) || unix_group_may_have(INT64_C(2147483648)));
    assert_false(unix_group_may_have(-1) || unix_group_may_have(INT64_C(4294967295)));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_fault_is_told_with_its_line),
        cmocka_unit_test(several_may_share_a_group_and_a_role_does_not_inherit_its_accounts),
        cmocka_unit_test(each_user_is_in_the_groups_of_what_is_surely_theirs),
        cmocka_unit_test(each_question_is_read_strictly),
        cmocka_unit_test(what_may_be_a_name_and_a_gid),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
