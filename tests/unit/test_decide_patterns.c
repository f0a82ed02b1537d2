/*
 * Decisions that depend on the groups that patterns take roles from: one line of the table, one
 * decision.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "facts_setting.h"

static const struct decision_case patterns[] = {
    /* The policy's own roles, in any case */
    {FOLD, "alice in=aws-a-R", "permitted r *r@p"},
    {FOLD, "alice in=aws-a-r", "permitted r *r@p"},
    {FOLD, "alice in=aws-111122223333-r", "permitted r *r@p"},
    {FOLD, "alice in=aws-a-r,aws-a-t", "permitted r t * @p"},
    {FOLD, "alice in=aws-a-r,aws-111122223333-R", "permitted r *r@p"},
    {FOLD_B, "alice in=aws-b-s", "permitted s *s@p"},
    {FOLD, "alice in=aws-a-x", "no-grant"},
    {FOLD, "alice in=aws-A-r", "no-grant"},
    {FOLD, "alice in=aws-a-s", "no-grant"},
    {FOLD, "alice in=aws-c-r", "no-grant"},
    {FOLD, "alice in=AWS-a-r", "no-grant"},
    {FOLD, "alice in=aws-a-r-x", "no-grant"},
    {FOLD, "alice in=xaws-a-r", "no-grant"},
    {FOLD, "alice in=aws-a-", "no-grant"},
    {FOLD, "alice in=aws--r", "no-grant"},
    {FOLD, "alice in=aws-", "no-grant"},
    {FOLD, "alice", "no-grant"},
    /* One of another path than the policy's is derived, spelt as there */
    {FOLD, "alice in=aws-b-s", "permitted b/S *b/S@p"},
    {FOLD "name = x/{role}\n", "alice in=aws-a-r", "permitted a/R *a/R@p"},
    /* Any role, as the group spells it */
    {EXACT, "alice in=aws-a-Auditor", "permitted a/Auditor *a/Auditor@p"},
    {EXACT, "alice in=aws-111122223333-Auditor", "permitted a/Auditor *a/Auditor@p"},
    {EXACT, "alice in=aws-a-Auditor,aws-111122223333-Auditor", "permitted a/Auditor *a/Auditor@p"},
    {EXACT, "alice in=aws-a-Auditor,aws-b-Auditor", "permitted a/Auditor b/Auditor * @p"},
    {EXACT, "alice in=aws-a-x-y_+=.@", "permitted a/x-y_+=.@ *a/x-y_+=.@@p"},
    {EXACT, "alice in=aws-a-a/b", "no-grant"},
    {EXACT, "alice in=aws-a-a*", "no-grant"},
    {EXACT, "alice in=aws-a-%{user}", "no-grant"},
    {EXACT, "alice in=aws-c-Auditor", "no-grant"},
    {EXACT, "alice in=aws-a-R", "permitted r *r@p"},
    {EXACT, "alice in=aws-a-r", "permitted a/r *a/r@p"},
    {EXACT "name = ro-{role}\n", "alice in=aws-a-x", "permitted a/ro-x *a/ro-x@p"},
    {EXACT, "alice in=aws-a-Auditor chosen=a/Auditor", "permitted a/Auditor *a/Auditor@p"},
    {EXACT, "alice in=aws-a-X,aws-a-Y chosen=a/Y", "permitted a/X a/Y *a/Y@p"},
    {EXACT, "alice in=aws-a-X,aws-a-Y chosen=a/Z", "permitted a/X a/Y * @p"},
    /* beside grants, which come first */
    {ALICE EXACT, "alice in=aws-a-X", "permitted r a/X * @g"},
    {EXACT ALICE "default = r\n", "alice in=aws-a-X", "permitted r a/X *r@g"},
    {ALICE FOLD, "alice in=aws-a-r", "permitted r *r@g"},
    /* Conditions */
    {EXACT "services = sudo\n", "alice in=aws-a-X", "no-grant"},
    {EXACT "services = sudo\n", "alice:sudo-i in=aws-a-X", "permitted a/X *a/X@p"},
    {EXACT "hosts = x\n", "alice in=aws-a-X", "no-grant !p"},
    {EXACT "from = 10.0.0.0/8\n", "alice in=aws-a-X from=10.0.0.1", "permitted a/X *a/X@p"},
    {EXACT "from = 10.0.0.0/8\n", "alice in=aws-a-X from=11.0.0.1", "no-grant !p"},
    {EXACT "auth = publickey\n", "alice in=aws-a-X auth=unknown", "undecided"},
    {EXACT "auth = publickey\n", "alice in=x auth=unknown", "no-grant"},
    {EXACT LATER, "alice in=aws-a-X", "denied !p"},
    {EXACT LATER, "alice in=x", "no-grant"},
    {EXACT ENDED, "alice in=aws-a-X", "denied !p"},
    /* Denies, also of the roles that are the same in AWS */
    {EXACT "[deny d]\nusers = alice\n", "alice in=aws-a-X", "denied @p -d"},
    {EXACT "[deny d]\nusers = alice\naccounts = a\n", "alice in=aws-a-X", "denied @p -d"},
    {EXACT "[deny d]\nusers = alice\naccounts = a\n", "alice in=aws-a-X,aws-b-X",
     "permitted b/X *b/X@p"},
    {EXACT "[deny d]\nusers = alice\naccounts = b\n", "alice in=aws-a-X", "permitted a/X *a/X@p"},
    {EXACT "[deny d]\nusers = alice\nroles = r\n", "alice in=aws-a-R", "denied @p -d"},
    {EXACT "[deny d]\nusers = alice\nroles = r\n", "alice in=aws-a-r", "denied @p -d"},
    {EXACT "name = x/{role}\n[deny d]\nusers = alice\nroles = r\n", "alice in=aws-a-R",
     "denied @p -d"},
    {EXACT "[deny d]\nusers = alice\nroles = r\n", "alice in=aws-b-R", "permitted b/R *b/R@p"},
    {EXACT "[role u]\naccount = a\nname = dev-%{user}\n[deny d]\nusers = alice\nroles = u\n",
     "alice in=aws-a-dev-bob", "denied @p -d"},
    {EXACT "[role u]\naccount = a\nname = dev-%{user}\n[deny d]\nusers = alice\nroles = u\n",
     "alice in=aws-a-devbob", "permitted a/devbob *a/devbob@p"},
    {EXACT "[deny d]\ngroups = x\naccounts = a\n", "alice in=aws-a-X x=unknown",
     "unavailable @p -d ?x"},
    {EXACT "[deny d]\ngroups = x\naccounts = b\n", "alice in=aws-a-X x=unknown",
     "permitted a/X *a/X@p"},
    {EXACT "[deny d]\nusers = mallory\n", "alice in=aws-a-X cert=unknown", "undecided @p -d"},
    /* Groups that nobody answered for */
    {EXACT, "alice in=unknown", "unavailable ?all"},
    {ALICE EXACT, "alice in=unknown", "permitted r *r@g"},
    {ALICE LATER EXACT, "alice in=unknown", "unavailable ?all"},
    {ALICE LATER EXACT LATER, "alice in=unknown", "denied !g"},
    {EXACT LATER, "alice in=unknown", "unavailable ?all"},
    {ALICE LATER EXACT "[deny d]\nusers = alice\naccounts = a\n", "alice in=unknown",
     "unavailable ?all"},
    {ALICE LATER EXACT "[deny d]\nusers = alice\naccounts = a b\n", "alice in=unknown",
     "denied !g"},
    {EXACT "services = sudo\n", "alice in=unknown", "no-grant"},
    {EXACT "hosts = x\n", "alice in=unknown", "no-grant"},
    {EXACT "auth = publickey\n", "alice in=unknown auth=unknown", "undecided"},
    {EXACT "[deny d]\nusers = alice\n", "alice in=unknown", "denied -d"},
    /* One role of two patterns: the first by name gives it its settings, wherever it stands */
    {EXACT "[pattern o]\ngroups = {role}.{account}\ncase = exact\n", "alice in=aws-a-X,X.a",
     "permitted a/X *a/X@o"},
    {EXACT "[pattern o]\ngroups = {role}.{account}\ncase = exact\n" LATER, "alice in=aws-a-X,X.a",
     "permitted a/X *a/X@p"},
    {EXACT "[pattern o]\ngroups = {role}.{account}\ncase = exact\nname = q/{role}\n",
     "alice in=X.a,aws-a-X", "permitted a/X *a/X@o"},
};

static void roles_from_groups_are_decided_as_the_table_says(void **state)
{
    (void)state;
    check(patterns, COUNT_OF(patterns));
}

static void a_derived_role_has_the_settings_of_its_pattern_its_account_and_the_host(void **state)
{
    struct written_login written = {0};
    struct decision decision;
    struct policy *policy =
        decided("[account c]\nid = 777788889999\nexternal_id = 7Zr-42\ntags = client=c\n"
                "duration = 2h\n" EXACT "name = bastion/{role}\ntags = from=directory\n"
                "description = from a group\nduration = 1h\ndeliver = process\n",
                "alice in=x,aws-c-Auditor", &written, &decision);
    const struct role *role;

    (void)state;
    assert_int_equal(decision.role_count, 1);
    assert_string_equal(decision.roles[0].group, "aws-c-Auditor");
    assert_string_equal(decision.roles[0].grant->title, "pattern p");
    role = decision.roles[0].role;
    assert_ptr_equal(decision_find_role(&decision, "c/Auditor"), &decision.roles[0]);
    assert_null(decision_find_role(&decision, "c/auditor"));
    assert_string_equal(role->arn, "arn:aws:iam::777788889999:role/bastion/Auditor");
    assert_string_equal(role->account->name, "c");
    assert_string_equal(role->settings.external_id, "7Zr-42");
    assert_string_equal(role->settings.description, "from a group");
    assert_string_equal(role->settings.region, "eu-west-1");
    assert_int_equal(role->settings.duration, 3600);
    assert_int_equal(role->settings.deliver, DELIVER_PROCESS);
    assert_int_equal(role->settings.source_identity, YES);
    assert_int_equal(role->settings.tags.count, 2);
    assert_string_equal(role->settings.tags.items[0].key, "client");
    assert_string_equal(role->settings.tags.items[1].key, "from");
    assert_ptr_equal(role->at.file, policy->patterns[0].rule.at.file);
    assert_int_equal(role->at.line, policy->patterns[0].rule.at.line);
    decision_free(&decision);
    policy_free(policy);
}

static void a_pattern_that_does_not_hold_lends_its_settings_to_no_role(void **state)
{
    static const char rules[] =
        EXACT "description = wide\n[pattern o]\ngroups = {role}.{account}\ncase = exact\n"
              "description = narrow\n";
    struct written_login written = {0};
    struct decision decision;
    char text[1024];
    struct policy *policy = decided(rules, "alice in=aws-a-X,X.a", &written, &decision);

    (void)state;
    assert_string_equal(decision.roles[0].role->settings.description, "narrow");
    decision_free(&decision);
    policy_free(policy);
    snprintf(text, sizeof text, "%s%s", rules, "hosts = x\n");
    policy = decided(text, "alice in=aws-a-X,X.a", &written, &decision);
    assert_string_equal(decision.roles[0].role->settings.description, "wide");
    decision_free(&decision);
    policy_free(policy);
}

/* Whether the names of all groups are worth asking a directory for. */
static void group_names_are_needed_where_a_pattern_could_apply(void **state)
{
    static const struct {
        const char *rules;
        const char *who;
        bool needed;
    } cases[] = {
        {ALICE, "alice", false},
        {FOLD, "alice", true},
        {FOLD, "alice:sudo", false},
        {FOLD "services = sudo\n", "alice:sudo", true},
        {FOLD "hosts = x\n", "alice", false},
        {FOLD "auth = password\n", "alice auth=unknown", true},
        {FOLD "auth = password\n", "alice auth=publickey", false},
        {FOLD "[deny d]\nusers = alice\n", "alice", false},
        {FOLD "[deny d]\nusers = alice\naccounts = a\n", "alice", true},
        {FOLD LATER, "alice", true},
        {ALICE FOLD LATER, "alice", false},
        {ALICE FOLD, "alice", true},
    };

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct written_login written = {0};
        struct decision decision;
        struct policy *policy = decided(cases[i].rules, cases[i].who, &written, &decision);

        if (decide_needs_group_names(policy, &written.login) != cases[i].needed)
            fail_msg("%s for %s", cases[i].rules, cases[i].who);
        decision_free(&decision);
        policy_free(policy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(roles_from_groups_are_decided_as_the_table_says),
        cmocka_unit_test(a_derived_role_has_the_settings_of_its_pattern_its_account_and_the_host),
        cmocka_unit_test(a_pattern_that_does_not_hold_lends_its_settings_to_no_role),
        cmocka_unit_test(group_names_are_needed_where_a_pattern_could_apply),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
