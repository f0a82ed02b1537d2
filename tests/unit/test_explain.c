/*
 * Why a login may use a role or may not, in words: every reason that a person would look for, with
 * the line that says it, and never another verdict than the decision's.
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
#include "policy/explain.h"
#include "random_login.h"

#define SETTING HEAD ROLES
#define BEGIN   (HEAD_LINES + ROLES_LINES)
#define CA                                                                                         \
    "[ca c]\nnames = *@p\n"                                                                        \
    "key = ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"

#define ALICE "[grant g]\nusers = alice\nroles = r\n"

/* A role and one of the reasons given for it; the line counts from behind the setting. */
static const struct {
    const char *rules;
    const char *who;
    const char *role; /* NULL: a reason about no one role */
    enum answer answer;
    int line;
    const char *text;
} reasons[] = {
    {ALICE, "alice", "r", ANSWER_YES, 1, "[grant g] names alice under users"},
    {ALICE, "bob", "r", ANSWER_NO, 1, "[grant g] does not name the login"},
    {ALICE, "alice", "s", ANSWER_NO, -2, "no grant gives it, and no group of the login"},
    {ALICE, "alice:su", "r", ANSWER_NO, 1,
     "[grant g] has no services, so it is for sshd alone; the service is su"},
    {ALICE "services = sshd sudo\n", "alice", "r", ANSWER_YES, 4, "services = sshd sudo: met"},
    {ALICE "services = sshd sudo\n", "alice:su", "r", ANSWER_NO, 4,
     "services = sshd sudo: the service is su"},
    {ALICE "hosts = a-* b\n", "alice host=b", "r", ANSWER_YES, 4, "hosts = a-* b: met"},
    {ALICE "hosts = a-* b\n", "alice host=c", "r", ANSWER_NO, 4, "hosts = a-* b: this host is c"},
    {ALICE "hosts = a\n", "alice host=unknown", "r", ANSWER_UNKNOWN, 4,
     "hosts = a: the host is not known"},
    {ALICE "from = 10.0.0.0/8\n  2001:db8::/32\n", "alice from=192.0.2.1", "r", ANSWER_NO, 4,
     "from = 10.0.0.0/8 2001:db8::/32: the login comes from 192.0.2.1"},
    {ALICE "from = 10.0.0.0/8\n", "alice", "r", ANSWER_NO, 4,
     "from = 10.0.0.0/8: the login comes from no address"},
    {ALICE "from = 10.0.0.0/8\n", "alice from=unknown", "r", ANSWER_UNKNOWN, 4,
     "from = 10.0.0.0/8: where the login comes from is not known"},
    {ALICE "auth = publickey\n", "alice auth=password,hostbased", "r", ANSWER_NO, 4,
     "auth = publickey: the login was authenticated by password hostbased"},
    {ALICE "auth = publickey\n", "alice", "r", ANSWER_NO, 4,
     "auth = publickey: the login was authenticated by no method of sshd's"},
    {ALICE "auth = publickey\n", "alice auth=unknown", "r", ANSWER_UNKNOWN, 4,
     "auth = publickey: how the login is authenticated is not known"},
    /* Decided as of Monday, 2001-01-01. */
    {ALICE "until = 2000-12-31\nhours = Mon 08:00-18:00 UTC\n", "alice", "r", ANSWER_NO, 4,
     "until = 2000-12-31: over"},
    {ALICE "since = 2001-01-02\n", "alice", "r", ANSWER_NO, 4, "since = 2001-01-02: still to come"},
    {ALICE "hours = Mon 08:00-18:00 UTC\n", "alice", "r", ANSWER_NO, 4,
     "hours = Mon 08:00-18:00 UTC: outside now"},
    {ALICE "hours = Mon 00:00-18:00 UTC\n", "alice", "r", ANSWER_YES, 4,
     "hours = Mon 00:00-18:00 UTC: met"},
    {ALICE "detach = 1h\n", "alice", "r", ANSWER_YES, 4, "detach = 3600s: met"},
    /* groups, certificates */
    {"[grant g]\ngroups = ops\nroles = r\n", "alice ops=yes", "r", ANSWER_YES, 1,
     "[grant g] names ops under groups"},
    {"[grant g]\ngroups = ops\nroles = r\n", "alice ops=unknown", "r", ANSWER_UNKNOWN, 1,
     "[grant g] is for group ops; whether the login is in it is not known"},
    {CA "[grant g]\nprincipals = carol@p\nroles = r\n", "x/carol@p cert=carol@p", "r", ANSWER_YES,
     4, "[grant g] names carol@p under principals"},
    {CA "[grant g]\nprincipals = carol@p\nroles = r\n", "x cert=unknown", "r", ANSWER_UNKNOWN, 4,
     "[grant g] may be for a name of the login's certificate, which is not known"},
    {CA ALICE, "x/carol@p cert=carol@p cert_ends=-1", NULL, ANSWER_NO, 0,
     "the login's certificate is valid no more"},
    /* roles that end too soon for AWS */
    {ALICE "until = 2001-01-01T00:14:59Z\n", "alice", "r", ANSWER_NO, 1,
     "permitted until 2001-01-01 00:14 UTC, but AWS issues nothing for less than 900 s"},
    /* who is behind it */
    {"[grant g]\nusers = frank\nservices = sudo\nroles = r\n", "x:sudo opener=unknown", "r",
     ANSWER_UNKNOWN, 1, "[grant g] may be for who is behind the login, which is not known"},
    {"[grant g]\nusers = frank\nservices = sudo\nroles = r\n", "x/frank:sudo opener=frank", "r",
     ANSWER_YES, 1, "[grant g] names frank under users"},
    {ALICE "services = sudo\n[deny d]\nusers = frank\n", "alice:sudo opener=unknown", "r",
     ANSWER_UNKNOWN, 5,
     "[deny d] may be for who is behind the login, which is not known, which counts as named, and "
     "takes this role away"},
    /* denies */
    {ALICE "[deny d]\nusers = alice\n", "alice", "r", ANSWER_YES, 4,
     "[deny d] names alice under users, and takes this role away"},
    {ALICE "[deny d]\nusers = alice\n", "alice", "s", ANSWER_YES, 4,
     "[deny d] names alice under users, and takes this role away"},
    {ALICE "[deny d]\nusers = al\nroles = r\n", "alice typed=al", "r", ANSWER_YES, 4,
     "[deny d] names al under users, and takes this role away"},
    {ALICE "[deny d]\ngroups = x\naccounts = a\n", "alice x=unknown", "r", ANSWER_UNKNOWN, 4,
     "[deny d] is for group x; whether the login is in it is not known, which counts as named, and "
     "takes this role away"},
    /* patterns */
    {"[pattern p]\ngroups = {account}-{role}\n", "alice in=x,a-r", "r", ANSWER_YES, 1,
     "[pattern p] takes r from the group a-r"},
    {"[pattern p]\ngroups = {account}-{role}\ncase = exact\nhosts = x\n", "alice in=a-X", "a/X",
     ANSWER_YES, 1, "[pattern p] takes a/X from the group a-X"},
    {"[pattern p]\ngroups = {account}-{role}\ncase = exact\nhosts = x\n", "alice in=a-X", "a/X",
     ANSWER_NO, 4, "hosts = x: this host is bastion-eu-1"},
    {"[pattern p]\ngroups = {account}-{role}\ncase = exact\n[deny d]\nusers = alice\naccounts = "
     "a\n",
     "alice in=a-X", "a/X", ANSWER_YES, 4,
     "[deny d] names alice under users, and takes this role away"},
    {"[pattern p]\ngroups = {account}-{role}\n", "alice in=unknown", NULL, ANSWER_UNKNOWN, 1,
     "[pattern p] is for groups, and which groups the login is in is not known"},
    {"[account a-b]\nid = 777788889999\n[pattern p]\ngroups = {account}-{role}\ncase = exact\n",
     "alice in=a-b-c", NULL, ANSWER_NO, 3,
     "[pattern p] could split the group a-b-c in two ways, so it grants nothing"},
};

static const struct explained_role *find(const struct explanation *explanation, const char *name)
{
    for (size_t i = 0; i < explanation->role_count; i++)
        if (strcmp(explanation->roles[i].role->name, name) == 0)
            return &explanation->roles[i];
    return NULL;
}

static bool has_reason(const struct reason *list, size_t count, size_t which)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(list[i].text, reasons[which].text) == 0 &&
            list[i].answer == reasons[which].answer &&
            (reasons[which].line == 0 || list[i].at.line == BEGIN + (unsigned)reasons[which].line))
            return true;
    for (size_t i = 0; i < count; i++)
        print_error("line %d, answer %d: %s\n", (int)list[i].at.line - (int)BEGIN, list[i].answer,
                    list[i].text);
    return false;
}

static void every_reason_is_told_with_its_line(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        struct written_login written = {0};
        struct explanation explanation;
        char text[4096];
        struct policy *policy;
        bool told;

        snprintf(text, sizeof text, "%s%s", SETTING, reasons[i].rules);
        policy = good_policy(text);
        assert_non_null(policy);
        read_login(policy, reasons[i].who, &written);
        assert_int_equal(explain(policy, &written.login, NULL, &explanation), 0);
        if (reasons[i].role == NULL) {
            told = has_reason(explanation.others, explanation.other_count, i);
        } else {
            const struct explained_role *role = find(&explanation, reasons[i].role);

            assert_non_null(role);
            told = has_reason(role->reasons, role->reason_count, i);
        }
        if (!told) {
            print_error("%s%s\nlacks: %s\n", reasons[i].rules, reasons[i].who, reasons[i].text);
            wrong++;
        }
        explanation_free(&explanation);
        policy_free(policy);
    }
    assert_int_equal(wrong, 0);
}

static void the_verdict_is_that_of_the_decision(void **state)
{
    (void)state;
    seed = 20260708;
    for (unsigned round = 0; round < ROUNDS / 2; round++) {
        struct explanation explanation;
        struct decision decision;
        struct person person;
        struct policy *policy;
        char text[4096];
        size_t permitted = 0;

        strcpy(text, setting);
        append_rules(text, false);
        policy = good_policy(text);
        assert_non_null(policy);
        invent_person(policy, &person);
        assert_int_equal(decide(policy, &person.login, NULL, &decision), 0);
        assert_int_equal(explain(policy, &person.login, NULL, &explanation), 0);
        assert_int_equal(explanation.decision.status, decision.status);
        for (size_t i = 0; i < explanation.role_count; i++) {
            const struct explained_role *role = &explanation.roles[i];

            assert_true(role->reason_count > 0);
            const struct permitted_role *expected = decision_find_role(&decision, role->role->name);

            assert_int_equal(role->permitted,
                             expected != NULL &&
                                 (expected->ends == 0 || expected->ends >= person.login.now + 900));
            permitted += expected != NULL;
        }
        assert_int_equal(permitted, decision.role_count);
        explanation_free(&explanation);
        decision_free(&decision);
        policy_free(policy);
    }
    explanation_free(NULL);
}

#define SOON        "[grant g]\nusers = alice\nroles = r\ndefault = r\nuntil = 2001-01-01T00:14:59Z\n"
#define ENDS        "[grant g]\nusers = alice\nroles = r\ndefault = r\nuntil = 2001-01-01T00:15Z\n"
#define ALSO(until) "[grant h]\nusers = alice\nroles = s\n" until
#define DAYS_OFF    "until = 2001-01-09\n"
#define SOON_TOO    "until = 2001-01-01T00:10Z\n"

/* What a session starts with by the decision, by what explain says, and how many roles it may use.
 */
static const struct {
    const char *rules;
    const char *who;
    const char *start, *said; /* roles, or NULL */
    size_t permitted;
} starts[] = {
    {ENDS, "alice", "r", "r", 1},
    {SOON, "alice", "r", NULL, 0},
    {SOON ALSO(DAYS_OFF), "alice", NULL, NULL, 1},
    {SOON ALSO(""), "alice", NULL, NULL, 1},
    {SOON ALSO(SOON_TOO), "alice", "r", NULL, 0},
    {ENDS ALSO(SOON_TOO), "alice", "r", "r", 1},
    {ENDS ALSO(SOON_TOO), "alice chosen=s", NULL, NULL, 1},
    {SOON ALSO(DAYS_OFF), "alice chosen=s", "s", "s", 1},
    {"[grant g]\nusers = alice\nroles = r s\n" SOON_TOO, "alice", NULL, NULL, 0},
    {"[grant g]\nusers = alice\nroles = r s\n" DAYS_OFF, "alice", NULL, NULL, 2},
};

static void a_role_that_ends_too_soon_is_passed_over_where_another_lasts(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof starts / sizeof *starts; i++) {
        struct written_login written = {0};
        struct explanation explanation;
        const struct permitted_role *start;
        struct policy *policy;
        char text[4096];
        const char *name, *said;
        size_t permitted = 0;

        snprintf(text, sizeof text, "%s%s", SETTING, starts[i].rules);
        policy = good_policy(text);
        assert_non_null(policy);
        read_login(policy, starts[i].who, &written);
        assert_int_equal(explain(policy, &written.login, written.chosen, &explanation), 0);
        start = decision_start_role(&explanation.decision, LOGIN_NOW);
        name = start != NULL ? start->role->name : "none";
        said = explanation.login_role != NULL ? explanation.login_role->name : "none";
        for (size_t j = 0; j < explanation.role_count; j++)
            permitted += explanation.roles[j].permitted;
        if (strcmp(name, starts[i].start != NULL ? starts[i].start : "none") != 0 ||
            strcmp(said, starts[i].said != NULL ? starts[i].said : "none") != 0 ||
            permitted != starts[i].permitted) {
            print_error("%s%s\nstarts with %s, says %s, %zu roles\n", starts[i].rules,
                        starts[i].who, name, said, permitted);
            wrong++;
        }
        explanation_free(&explanation);
        policy_free(policy);
    }
    assert_int_equal(wrong, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_role_that_ends_too_soon_is_passed_over_where_another_lasts),
        cmocka_unit_test(every_reason_is_told_with_its_line),
        cmocka_unit_test(the_verdict_is_that_of_the_decision),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
