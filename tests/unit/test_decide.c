/*
 * Which roles a login may use: one line of the table, one decision.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "login_text.h"

/* Roles r and t in account a, s in account b. */
#define SETTING HEAD ROLES "[role t]\naccount = a\nname = T\n"

#define LATER "since = 2030-01-01T00:00Z\n"

#define ALICE_R   "[grant g]\nusers = alice\nroles = r\n"
#define ALICE_RS  "[grant g]\nusers = alice\nroles = r s\n"
#define OPS_S     "[grant h]\ngroups = ops\nroles = s\n"
#define LEAVERS   "[deny d]\ngroups = leavers\n"
#define LEAVERS_R "[deny d]\ngroups = leavers\nroles = r\n"
#define LEAVERS_A "[deny d]\ngroups = leavers\naccounts = a\n"

static const struct decision_case cases[] = {
    /* Who is named? */
    {"", "alice", "no-grant"},
    {ALICE_R, "alice", "permitted r *r@g"},
    {ALICE_R, "bob", "no-grant"},
    {ALICE_R, "Alice", "no-grant"},
    {ALICE_R, "alic", "no-grant"},
    {ALICE_R, "alice@corp.example", "no-grant"},
    {ALICE_R, "shared/alice", "permitted r *r@g"},
    {ALICE_R, "alice/mallory", "permitted r *r@g"},
    {"[grant g]\nusers = \"a b\"\nroles = r\n", "a b", "permitted r *r@g"},
    {"[grant g]\nusers = CORP\\alice\nroles = r\n", "CORP\\alice", "permitted r *r@g"},
    {"[grant g]\ngroups = alice\nroles = r\n", "alice", "no-grant"},
    {OPS_S, "alice ops=yes", "permitted s *s@h"},
    {OPS_S, "alice ops=no", "no-grant"},
    {"[grant g]\nusers = bob\ngroups = x ops\nroles = r\n", "alice ops=yes", "permitted r *r@g"},
    {"[grant g]\nusers = alice\ngroups = ops\nroles = r\n", "alice ops=no", "permitted r *r@g"},
    /* Services */
    {ALICE_R, "alice:sudo", "no-grant"},
    {ALICE_R, "alice:login", "no-grant"},
    {ALICE_R "services = sshd sudo\n", "alice:sshd", "permitted r *r@g"},
    {ALICE_R "services = sshd sudo\n", "alice:sudo", "permitted r *r@g"},
    {ALICE_R "services = sudo\n", "alice:sudo-i", "permitted r *r@g"},
    {ALICE_R "services = su\n", "alice:su-l", "permitted r *r@g"},
    {ALICE_R "services = sudo-i\n", "alice:sudo", "no-grant"},
    {ALICE_R "services = sudo-i\n", "alice:sudo-i", "permitted r *r@g"},
    {ALICE_R "services = su\n", "alice:sudo", "no-grant"},
    {ALICE_R "services = su\n", "alice:sshd", "no-grant"},
    /* Union, in the order of the grants, each role once with the first that gives it */
    {ALICE_R OPS_S, "alice ops=yes", "permitted r s * @g"},
    {OPS_S ALICE_RS, "alice ops=yes", "permitted s r * @h"},
    {ALICE_RS, "alice", "permitted r s * @g"},
    {"[grant g]\nusers = alice\nroles = r r\n", "alice", "permitted r *r@g"},
    /* The role at login */
    {ALICE_RS "default = s\n", "alice", "permitted r s *s@g"},
    {ALICE_RS "default = s\n", "alice chosen=r", "permitted r s *r@g"},
    {ALICE_RS "default = s\n", "alice chosen=t", "permitted r s *s@g"},
    {ALICE_RS "default = s\n", "alice chosen=nothing", "permitted r s *s@g"},
    {ALICE_RS, "alice chosen=s", "permitted r s *s@g"},
    {ALICE_R OPS_S "default = s\n", "alice ops=yes", "permitted r s *s@h"},
    {ALICE_R OPS_S "default = s\n", "alice chosen=r ops=yes", "permitted r s *r@g"},
    {ALICE_R OPS_S "default = s\n", "alice ops=no", "permitted r *r@g"},
    {ALICE_R "default = r\n" OPS_S "default = s\n", "alice ops=yes", "permitted r s *r@g"},
    {OPS_S "default = s\n" ALICE_R "default = r\n", "alice ops=yes", "permitted s r *s@h"},
    {"[grant h]\nusers = bob\nroles = s\ndefault = s\n" ALICE_RS, "alice", "permitted r s * @g"},
    {ALICE_RS "default = r\n[deny d]\nusers = alice\nroles = r\n", "alice", "permitted s *s@g"},
    {"[grant g]\nusers = alice\nroles = r s t\ndefault = r\n[deny d]\nusers = alice\nroles = r\n",
     "alice", "permitted s t * @g"},
    /* Denies */
    {ALICE_R "[deny d]\nusers = alice\n", "alice", "denied @g -d"},
    {"[deny d]\nusers = alice\n", "alice", "denied -d"},
    {ALICE_R "[deny d]\nusers = alice\n", "alice:sudo", "denied -d"},
    {ALICE_R "[deny d]\nusers = mallory\n", "alice", "permitted r *r@g"},
    {ALICE_R "[deny d]\nusers = mallory\n", "alice/mallory", "denied @g -d"},
    {ALICE_R "[deny d]\nusers = mallory\n", "mallory/alice", "denied @g -d"},
    {ALICE_R LEAVERS, "alice leavers=yes", "denied @g -d"},
    {ALICE_R LEAVERS, "alice leavers=no", "permitted r *r@g"},
    {ALICE_RS LEAVERS_R, "alice leavers=yes", "permitted s *s@g"},
    {ALICE_RS LEAVERS_A, "alice leavers=yes", "permitted s *s@g"},
    {ALICE_R LEAVERS_R, "alice leavers=yes", "denied @g -d"},
    {ALICE_R LEAVERS_A, "alice leavers=yes", "denied @g -d"},
    {OPS_S LEAVERS_R, "alice leavers=yes", "no-grant"},
    {OPS_S LEAVERS_R, "alice leavers=yes ops=yes", "permitted s *s@h"},
    {ALICE_RS LEAVERS_A "[deny e]\nusers = alice\nroles = s\n", "alice leavers=yes",
     "denied @g -d"},
    {ALICE_RS LEAVERS_A "roles = s\n", "alice leavers=yes", "denied @g -d"},
    {ALICE_R "[deny c]\nusers = bob\n[deny d]\nusers = alice\n[deny e]\nusers = alice\n", "alice",
     "denied @g -d"},
    /* Unanswered, in a grant: unmet */
    {OPS_S, "alice ops=unknown", "unavailable ?ops"},
    {OPS_S, "alice:sudo ops=unknown", "no-grant"},
    {ALICE_R OPS_S, "alice ops=unknown", "permitted r *r@g"},
    {OPS_S ALICE_R, "alice ops=unknown", "permitted r *r@g"},
    {OPS_S "default = s\n" ALICE_R, "alice ops=unknown", "permitted r *r@g"},
    {"[grant h]\ngroups = x ops\nroles = s\n", "alice x=yes ops=unknown", "permitted s *s@h"},
    {"[grant h]\ngroups = x ops\nroles = s\n", "alice x=unknown ops=yes", "permitted s *s@h"},
    {"[grant h]\ngroups = x ops\nroles = s\n", "alice x=no ops=unknown", "unavailable ?ops"},
    {"[grant h]\nusers = alice\ngroups = ops\nroles = s\n", "alice ops=unknown",
     "permitted s *s@h"},
    /* Unanswered, in a deny: met */
    {ALICE_R LEAVERS, "alice leavers=unknown", "unavailable @g -d ?leavers"},
    {ALICE_R LEAVERS_R, "alice leavers=unknown", "unavailable @g -d ?leavers"},
    {ALICE_R LEAVERS_A, "alice leavers=unknown", "unavailable @g -d ?leavers"},
    {ALICE_RS LEAVERS_R, "alice leavers=unknown", "unavailable @g -d ?leavers"},
    {"[grant g]\nusers = alice\nroles = s\n" LEAVERS_R, "alice leavers=unknown",
     "permitted s *s@g"},
    {"[grant g]\nusers = alice\nroles = s\n" LEAVERS_A, "alice leavers=unknown",
     "permitted s *s@g"},
    {"[grant g]\nusers = alice\nroles = s\n[grant h]\ngroups = ops\nroles = r\n" LEAVERS_R,
     "alice leavers=unknown ops=unknown", "permitted s *s@g"},
    {ALICE_R LEAVERS "users = alice\n", "alice leavers=unknown", "denied @g -d"},
    {ALICE_R "[deny d]\ngroups = leavers gone\n", "alice leavers=unknown gone=yes", "denied @g -d"},
    {ALICE_R "[deny d]\ngroups = gone leavers\n", "alice leavers=unknown",
     "unavailable @g -d "
     "?leavers"},
    /* A deny that is sure beats one that is not, where nothing is left either way */
    {ALICE_R LEAVERS "[deny e]\nusers = alice\n", "alice leavers=unknown", "denied @g -e"},
    {ALICE_R LEAVERS "[deny e]\nusers = alice\nroles = r\n", "alice leavers=unknown",
     "denied @g -e"},
    {ALICE_R LEAVERS_R "[deny e]\nusers = alice\nroles = r\n", "alice leavers=unknown",
     "denied @g -e"},
    {ALICE_RS LEAVERS_R "[deny e]\nusers = alice\nroles = r\n", "alice leavers=unknown",
     "permitted s *s@g"},
    {ALICE_R "[grant h]\ngroups = ops\nroles = r\n[deny e]\nusers = alice\nroles = r\n",
     "alice ops=unknown", "denied @g -e"},
    {ALICE_R OPS_S "[deny e]\nusers = alice\nroles = r\n", "alice ops=unknown",
     "unavailable @g ?ops"},
    /* What could be refused is not let in as "no grant" */
    {LEAVERS, "alice leavers=unknown", "unavailable -d ?leavers"},
    {LEAVERS_R, "alice leavers=unknown", "no-grant"},
    {ALICE_R LEAVERS, "alice:sudo leavers=unknown", "unavailable -d ?leavers"},
    {"[grant h]\ngroups = ops\nroles = r\n[deny e]\nusers = alice\nroles = r\n",
     "alice ops=unknown", "unavailable ?ops"},
    {"[grant h]\ngroups = ops\nroles = r\n[deny e]\nusers = alice\n", "alice ops=unknown",
     "denied -e"},
    {OPS_S LEAVERS, "alice ops=unknown leavers=unknown", "unavailable -d ?leavers"},
    {OPS_S LEAVERS, "alice ops=unknown leavers=yes", "denied -d"},
    /* A grant that does not hold now gives nothing, and to be in it is not to have no grant */
    {ALICE_R LATER, "alice", "denied !g"},
    {ALICE_R LATER, "bob", "no-grant"},
    {ALICE_R LATER, "alice:sudo", "no-grant"},
    {ALICE_R LATER OPS_S, "alice ops=yes", "permitted s *s@h"},
    {ALICE_R LATER OPS_S, "alice ops=no", "denied !g"},
    {ALICE_R LATER OPS_S LATER, "alice ops=yes", "denied !g"},
    {ALICE_R LATER "[deny d]\nusers = alice\n", "alice", "denied -d"},
    {ALICE_R LATER OPS_S "[deny d]\nusers = alice\nroles = s\n", "alice ops=yes", "denied @h -d"},
    /* and with unanswered look-ups: */
    {OPS_S LATER, "alice ops=yes", "denied !h"},
    {OPS_S LATER, "alice ops=no", "no-grant"},
    {OPS_S LATER, "alice ops=unknown", "unavailable ?ops"},
    {ALICE_R OPS_S LATER, "alice ops=unknown", "permitted r *r@g"},
    {ALICE_R LATER OPS_S, "alice ops=unknown", "unavailable ?ops"},
    {ALICE_R LATER OPS_S LATER, "alice ops=unknown", "denied !g"},
    {ALICE_R LATER LEAVERS, "alice leavers=yes", "denied -d"},
    {ALICE_R LATER LEAVERS, "alice leavers=unknown", "denied !g"},
    {ALICE_R LATER LEAVERS_R, "alice leavers=unknown", "denied !g"},
    {OPS_S LATER LEAVERS, "alice ops=unknown leavers=yes", "denied -d"},
    {ALICE_R LATER LEAVERS_R OPS_S, "alice leavers=unknown ops=yes", "permitted s *s@h"},
};

static void each_login_is_decided_as_the_table_says(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        wrong += !is_decided_as_expected(SETTING, &cases[i]);
    assert_int_equal(wrong, 0);
}

static void a_role_is_permitted_by_the_first_grant_that_gives_it(void **state)
{
    struct policy *policy = good_policy(SETTING OPS_S ALICE_RS "default = s\n");
    struct written_login written = {0};
    struct decision decision;

    (void)state;
    assert_non_null(policy);
    read_login(policy, "alice ops=yes", &written);
    assert_int_equal(decide(policy, &written.login, NULL, &decision), 0);
    assert_int_equal(decision.role_count, 2);
    assert_string_equal(decision.roles[0].role->name, "s");
    assert_string_equal(decision.roles[0].grant->name, "h");
    assert_string_equal(decision.roles[1].grant->name, "g");
    /* s is the default because g says so, whoever gave it first. */
    assert_string_equal(decision.because->name, "g");
    decision_free(&decision);
    decision_free(NULL);
    policy_free(policy);
}

static void without_any_answer_every_group_is_unknown(void **state)
{
    struct policy *policy = good_policy(SETTING OPS_S);
    const struct login login = {.user = "alice", .human = "alice", .service = "sshd"};
    struct decision decision;

    (void)state;
    assert_non_null(policy);
    assert_int_equal(decide(policy, &login, NULL, &decision), 0);
    assert_int_equal(decision.status, STATUS_UNAVAILABLE);
    assert_string_equal(decision.unanswered_group, "ops");
    decision_free(&decision);
    policy_free(policy);
}

/* Which groups are worth asking a directory for. */
static const struct {
    const char *rules;
    const char *who;
    const char *groups;
} matters[] = {
    {ALICE_R, "alice", ""},
    {OPS_S, "alice", "ops"},
    {OPS_S, "alice:sudo", ""},
    {OPS_S "users = alice\n", "alice", ""},
    {ALICE_R OPS_S, "alice", "ops"},
    {OPS_S LEAVERS, "alice", "leavers ops"},
    {ALICE_R LEAVERS, "alice:sudo", "leavers"},
    {OPS_S LEAVERS "users = alice\n", "alice", ""},
    {OPS_S LEAVERS "[deny e]\nusers = alice\n", "alice", ""},
    {OPS_S LEAVERS "[deny e]\nusers = alice\nroles = s\n", "alice", "leavers ops"},
    {ALICE_R LEAVERS_R, "alice", "leavers"},
    {ALICE_R LEAVERS_R, "bob", ""},
    {ALICE_R LEAVERS_A, "alice", "leavers"},
    {"[grant g]\nusers = alice\nroles = s\n" LEAVERS_A, "alice", ""},
    {"[grant g]\nusers = alice\nroles = s\n" LEAVERS_R, "alice", ""},
    {OPS_S LEAVERS_R, "alice", "ops"},
    {"[grant g]\ngroups = ops\nroles = r\n" LEAVERS_R, "alice", "leavers ops"},
    {ALICE_R LEAVERS_R "[deny e]\nusers = alice\nroles = r\n", "alice", ""},
    {ALICE_R LEAVERS_R "[deny e]\nusers = alice\naccounts = a\n", "alice", ""},
    {OPS_S LATER, "alice", "ops"},
    {OPS_S LATER, "alice:sudo", ""},
    {ALICE_R OPS_S LATER, "alice", ""},
    {ALICE_R LATER OPS_S LATER, "alice", ""},
    {ALICE_R LATER OPS_S, "alice", "ops"},
    {ALICE_R OPS_S LATER "[grant i]\ngroups = it\nroles = s\n", "alice", "it"},
    {OPS_S LATER LEAVERS, "alice", "leavers ops"},
    {ALICE_R LATER LEAVERS_R, "alice", ""},
    {ALICE_R LATER LEAVERS_A, "alice", ""},
};

static void only_groups_that_could_change_the_decision_matter(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof matters / sizeof *matters; i++) {
        struct written_login written = {0};
        struct policy *policy;
        char text[4096], got[256] = "";
        bool flags[GROUPS_MOST];
        size_t count, expected = 0;

        snprintf(text, sizeof text, "%s%s", SETTING, matters[i].rules);
        policy = good_policy(text);
        assert_non_null(policy);
        read_login(policy, matters[i].who, &written);
        count = decide_groups_that_matter(policy, &written.login, flags);
        for (size_t j = 0; j < policy->groups.count; j++)
            if (flags[j]) {
                strcat(got, got[0] != '\0' ? " " : "");
                strcat(got, policy->groups.items[j]);
                expected++;
            }
        if (strcmp(got, matters[i].groups) != 0)
            fail_msg("%s%s: expected \"%s\", got \"%s\"", matters[i].rules, matters[i].who,
                     matters[i].groups, got);
        assert_int_equal(count, expected);
        policy_free(policy);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_login_is_decided_as_the_table_says),
        cmocka_unit_test(a_role_is_permitted_by_the_first_grant_that_gives_it),
        cmocka_unit_test(without_any_answer_every_group_is_unknown),
        cmocka_unit_test(only_groups_that_could_change_the_decision_matter),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
