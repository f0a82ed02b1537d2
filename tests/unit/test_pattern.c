/*
 * What the names of groups mean to a [pattern]: one line of a table, one group.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/pattern.h"
#include "policy_text.h"

/* Account names of which some begin with others; c has a name that is the id of b. */
static const char setting[] = "[xacct]\nregion = eu-west-1\n[base]\nsource = file\nfile = /f\n"
                              "[account client]\nid = 111111111111\n"
                              "[account client-a]\nid = 222222222222\n"
                              "[account a]\nid = 333333333333\n"
                              "[account 222222222222]\nid = 444444444444\n"
                              "[role one]\naccount = client\nname = bastion/Auditor\n"
                              "[role two]\naccount = client-a\nname = Admin\n"
                              "[role three]\naccount = client-a\nname = a-Auditor\n"
                              "[role upper]\naccount = a\nname = x/Same\n"
                              "[role lower]\naccount = a\nname = y/same\n"
                              "[role twin]\naccount = a\nname = Twin\n"
                              "[role other-twin]\naccount = a\nname = Twin\n"
                              "[role mine]\naccount = a\nname = dev-%{user}\n"
                              "[role home]\naccount = a\nname = %{account}/Home\n"
                              "[role four]\naccount = client\nname = a-Admin\n";

#define X16 "xxxxxxxxxxxxxxxx"
#define X64 X16 X16 X16 X16

static const struct {
    const char *pattern; /* its lines */
    const char *group;
    const char *role; /* NAME ARN without what all of them begin with; "" for none, "two" ways */
} cases[] = {
    /* with the policy's roles, in any case */
    {"groups = aws-{account}-{role}\n", "aws-client-a-Admin", "two"},
    {"groups = aws-{account}-{role}\n", "aws-client-a-admin", "two"},
    {"groups = aws-{account}_{role}\n", "aws-client-a_admin", "two 222222222222:role/Admin"},
    {"groups = aws-{account}_{role}\n", "aws-client-a_ADMIN", "two 222222222222:role/Admin"},
    {"groups = aws-{account}-{role}\n", "aws-client-a-a-auditor",
     "three 222222222222:role/a-Auditor"},
    {"groups = aws-{account}-{role}\n", "aws-client-auditor",
     "client/Auditor 111111111111:role/Auditor"},
    {"groups = aws-{account}-{role}\nname = bastion/{role}\n", "aws-client-auditor",
     "one 111111111111:role/bastion/Auditor"},
    {"groups = aws-{account}-{role}\nname = bastion/{role}\n", "aws-111111111111-auditor",
     "one 111111111111:role/bastion/Auditor"},
    {"groups = aws-{account}-{role}\n", "aws-client-nobody", ""},
    {"groups = aws-{account}-{role}\n", "aws-client-a-auditor", ""},
    /* with text around it, the whole name in AWS */
    {"groups = aws-{account}_{role}\nname = a-{role}\n", "aws-client_ADMIN",
     "four 111111111111:role/a-Admin"},
    {"groups = aws-{account}_{role}\nname = bastion/a{role}\n", "aws-client_uditor",
     "one 111111111111:role/bastion/Auditor"},
    {"groups = aws-{account}_{role}\nname = x-{role}\n", "aws-client_auditor", ""},
    /* a name that is another's id */
    {"groups = aws-{account}_{role}\ncase = exact\n", "aws-222222222222_X", "two"},
    {"groups = aws-{account}_{role}\n", "aws-222222222222_admin", "two 222222222222:role/Admin"},
    {"groups = aws-{account}_{role}\ncase = exact\n", "aws-444444444444_X",
     "222222222222/X 444444444444:role/X"},
    /* as it is */
    {"groups = aws-{account}-{role}\ncase = exact\n", "aws-client-b-X",
     "client/b-X 111111111111:role/b-X"},
    {"groups = aws-{account}-{role}\ncase = exact\n", "aws-client-a-X", "two"},
    {"groups = aws-{account}-{role}\ncase = exact\n", "aws-a-X", "a/X 333333333333:role/X"},
    {"groups = aws-{account}-{role}\ncase = exact\n", "aws-a-" X64,
     "a/" X64 " 333333333333:role/" X64},
    {"groups = aws-{account}-{role}\ncase = exact\n", "aws-a-x" X64, ""},
    {"groups = aws-{account}-{role}\ncase = exact\nname = x{role}\n", "aws-a-" X64, ""},
    {"groups = aws-{account}-{role}\ncase = exact\nname = x/{role}\n", "aws-a-" X64,
     "a/" X64 " 333333333333:role/x/" X64},
    {"groups = aws-{account}-{role}\ncase = exact\nname = p/{account}-{role}\n", "aws-a-X",
     "a/a-X 333333333333:role/p/a-X"},
    {"groups = aws-{account}-{role}\ncase = exact\nname = p/{account}-{role}\n",
     "aws-333333333333-X", "a/a-X 333333333333:role/p/a-X"},
    {"groups = aws-{account}-{role}\ncase = exact\nname = {role}/x\n", "aws-a-X",
     "a/x 333333333333:role/X/x"},
    {"groups = aws-{account}-{role}\ncase = exact\n", "aws-a-dev-bob",
     "a/dev-bob 333333333333:role/dev-bob"},
    {"groups = aws-{account}-{role}\ncase = exact\n", "aws-a-b c", ""},
    {"groups = aws-{account}-{role}\ncase = exact\n", "aws-a-b/c", ""},
    {"groups = aws-{account}-{role}\ncase = exact\n", "aws-a-\xc3\xa9", ""},
    {"groups = aws-{account}-{role}\ncase = exact\n", "aws-a-b\n", ""},
    {"groups = aws-{account}-{role}\ncase = exact\n", "aws-a-x" X64 X64 X64 X64 X64, ""},
    {"groups = aws-{account}-{role}\ncase = exact\n", "aws-" X64 X64 X64 X64 X64 "-x", ""},
    {"groups = aws-{account}-{role}\ncase = exact\n", "", ""},
    {"groups = aws-{account}-{role}\ncase = exact\n", "aws-a", ""},
    {"groups = aws-{account}-{role}\ncase = exact\n", "aws--", ""},
    /* two spellings, two roles of one ARN */
    {"groups = {account}-{role}\n", "a-same", "two"},
    {"groups = {account}-{role}\n", "a-Same", "two"},
    {"groups = {account}-{role}\nname = x/{role}\ncase = exact\n", "a-Same",
     "upper 333333333333:role/x/Same"},
    {"groups = {account}-{role}\n", "a-twin", "two"},
    {"groups = {account}-{role}\ncase = exact\n", "a-Twin", "two"},
    {"groups = {account}-{role}\ncase = exact\n", "a-twin", "a/twin 333333333333:role/twin"},
    /* Templates are not names */
    {"groups = {account}-{role}\n", "a-dev-%{user}", ""},
    {"groups = {account}-{role}\n", "a-dev-alice", ""},
    {"groups = {account}-{role}\n", "a-home", "a/Home 333333333333:role/Home"},
    /* The role first, and text around */
    {"groups = {role}@{account}\ncase = exact\n", "X@client-a", "client-a/X 222222222222:role/X"},
    {"groups = {role}@{account}\ncase = exact\n", "X@client-a@", ""},
    {"groups = {role}-{account}\ncase = exact\n", "X-client-a", "two"},
    {"groups = {role}-{account}\ncase = exact\n", "X-client", "client/X 111111111111:role/X"},
    {"groups = {account}--{role}\ncase = exact\n", "client--a--X",
     "client/a--X 111111111111:role/a--X"},
    {"groups = {account}--{role}\ncase = exact\n", "client---X", "client/-X 111111111111:role/-X"},
    {"groups = x{account}.{role}y\ncase = exact\n", "xclient.Xy", "client/X 111111111111:role/X"},
    {"groups = x{account}.{role}y\ncase = exact\n", "xclient.X", ""},
    {"groups = x{account}.{role}y\ncase = exact\n", "client.Xy", ""},
    {"groups = x{account}.{role}y\ncase = exact\n", "xclient.Xz", ""},
    {"groups = aa{account}-{role}aa\n", "aaa", ""},
    {"groups = \"AWS {account} {role}\"\ncase = exact\n", "AWS client X",
     "client/X 111111111111:role/X"},
    {"groups = {account}@{role}@corp.example\ncase = exact\n", "client@X@corp.example",
     "client/X 111111111111:role/X"},
};

static void each_group_means_what_the_table_says(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct arena memory = {NULL, false};
        struct derived_roles derived = {.memory = &memory};
        const struct role *role;
        char text[4096], got[512] = "";
        struct policy *policy;

        snprintf(text, sizeof text, "%s[pattern p]\n%s", setting, cases[i].pattern);
        policy = good_policy(text);
        assert_non_null(policy);
        switch (pattern_split(policy, &policy->patterns[0], cases[i].group, &derived, &role)) {
        case SPLIT_NONE:
            assert_null(role);
            break;
        case SPLIT_TWO:
            assert_null(role);
            strcpy(got, "two");
            break;
        case SPLIT_ONE:
            assert_memory_equal(role->arn, "arn:aws:iam::", 13);
            snprintf(got, sizeof got, "%s %s", role->name, role->arn + 13);
            break;
        }
        if (strcmp(got, cases[i].role) != 0) {
            print_error("%s%s\nexpected %s\ngot      %s\n", cases[i].pattern, cases[i].group,
                        cases[i].role, got);
            wrong++;
        }
        assert_false(memory.exhausted);
        derived_roles_end(&derived);
        arena_free(&memory);
        policy_free(policy);
    }
    assert_int_equal(wrong, 0);
}

static void a_role_is_derived_once(void **state)
{
    char text[4096];
    struct arena memory = {NULL, false};
    struct derived_roles derived = {.memory = &memory};
    const struct role *first, *second;
    struct policy *policy;

    (void)state;
    snprintf(text, sizeof text, "%s[pattern p]\ngroups = {account}_{role}\ncase = exact\n",
             setting);
    policy = good_policy(text);
    assert_non_null(policy);
    assert_int_equal(pattern_split(policy, policy->patterns, "a_X", &derived, &first), SPLIT_ONE);
    assert_int_equal(pattern_split(policy, policy->patterns, "333333333333_X", &derived, &second),
                     SPLIT_ONE);
    assert_ptr_equal(first, second);
    derived_roles_end(&derived);
    arena_free(&memory);
    policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_group_means_what_the_table_says),
        cmocka_unit_test(a_role_is_derived_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
