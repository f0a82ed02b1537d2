/*
 * Likely mistakes in policies that are valid: each is told, and a policy without one gets nothing.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "policy/lint.h"
#include "policy_text.h"

#define NOW 978307200 /* 2001-01-01T00:00:00Z */

#define SETTING HEAD ROLES
#define BEGIN   (HEAD_LINES + ROLES_LINES)
#define USED    "[grant all]\nusers = root-of-all\nroles = r s\n"
#define KEY(n)                                                                                     \
    "key = ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4" n "\n"
#define CA(name, names, n) "[ca " name "]\n" KEY(n) "names = " names "\n"
#define CAROL              "[grant c]\nprincipals = carol@p\nroles = r s\n"
#define IMDS               "[base x]\nsource = imds\n"
/* An account with one role, which somebody may use, and further keys of both. */
#define IN_C(account, role)                                                                        \
    "[account c]\nid = 777788889999\n" account "[role t]\naccount = c\nname = T\n" role            \
    "[grant t]\nusers = u\nroles = t\n"
#define GROUPED IN_C("unix_group = unix-c\ngid = 5000\n", "")
#define PATTERN "[pattern p]\ngroups = {account}-{role}\n"
/* Between them stands what no role's name can hold. */
#define EXACT "[pattern p]\ngroups = \"{account}#{role}\"\n"
#define NAMED(template)                                                                            \
    "[account c]\nid = 777788889999\nsession_name = " template "\n[role t]\naccount = c\nname = "  \
                                                               "T\n[role u]\naccount = c\nname = " \
                                                               "U\n"                               \
                                                               "[grant all]\nusers = "             \
                                                               "root-of-all\nroles = r s t u\n"

/* One finding, at a line that counts from behind the setting; or none at all: "". */
static const struct {
    const char *rules;
    enum lint_severity severity;
    int line;
    const char *text;
} cases[] = {
    {USED, 0, 0, ""},
    /* roles, accounts */
    {"[grant g]\nusers = u\nroles = r\n", LINT_WARNING, -2,
     "[role s] may be used by nobody: no [grant] and no [pattern] gives it"},
    {USED "[role t]\naccount = a\nname = T\n", LINT_WARNING, 4, "[role t] may be used by nobody"},
    {USED "[account c]\nid = 777788889999\n", LINT_WARNING, 4, "[account c] has no role"},
    {"[grant g]\nusers = u\nroles = s\n" PATTERN, 0, 0, ""},
    {"[grant g]\nusers = u\nroles = r\n" PATTERN, LINT_WARNING, -2, "[role s] may be used by"},
    {"[grant g]\nusers = u\nroles = r\n" PATTERN "name = path/{role}\n", 0, 0, ""},
    {"[grant g]\nusers = u\nroles = r\n"
     "[pattern p]\ngroups = {account}#{role}\nname = path/{role}\ncase = exact\n",
     0, 0, ""},
    /* time, services */
    {USED "until = 2000-12-31\n", LINT_WARNING, 4, "[grant all] has ended with until = 2000-12-31"},
    {USED "until = 2001-01-01\n", 0, 0, ""},
    {USED "until = 2001-01-01T00:00Z\n", LINT_WARNING, 4, "has ended with until"},
    {USED PATTERN "until = 2000-12-31\n", LINT_WARNING, 6, "[pattern p] has ended"},
    {USED "services = sudo su\nauth = password\n", LINT_WARNING, 5, "never holds: only sshd says"},
    {USED "services = sudo sshd\nauth = password\n", 0, 0, ""},
    {CA("c", "*@p", "f") CAROL "services = sudo\n", LINT_WARNING, 4,
     "[grant c] names principals, which only a login by sshd has"},
    /* denies */
    {USED "[grant g]\nusers = u\nroles = r\n[deny d]\nusers = u\n", LINT_WARNING, 4,
     "[grant g] gives nothing: [deny] sections take all of its roles"},
    {USED "[grant g]\nusers = u v\nroles = r\n[deny d]\nusers = u\n", 0, 0, ""},
    {USED
     "[grant g]\nusers = u v\nroles = r\n[deny d]\nusers = u\n[deny e]\nusers = v\nroles = r\n",
     LINT_WARNING, 4, "[grant g] gives nothing"},
    {USED "[grant g]\nusers = u\nroles = r s\n[deny d]\nusers = u\naccounts = a\n", 0, 0, ""},
    {USED "[grant g]\nusers = u\nroles = r s\n[deny d]\nusers = u\naccounts = a\nroles = s\n",
     LINT_WARNING, 4, "[grant g] gives nothing"},
    {USED "[grant g]\ngroups = x\nroles = r\n[deny d]\ngroups = x\n", LINT_WARNING, 4,
     "[grant g] gives nothing"},
    {USED "[grant g]\ngroups = x\nroles = r\n[deny d]\nusers = x\n", 0, 0, ""},
    {USED "[grant g]\nusers = x\nroles = r\n[deny d]\nprincipals = x\n", LINT_WARNING, 4,
     "[grant g] gives nothing"},
    /* defaults */
    {"[grant g]\nusers = u v\nroles = r s\ndefault = r\n[grant h]\nusers = u\nroles = r s\n"
     "default = s\n",
     LINT_WARNING, 5, "default = s of [grant h] is nobody's"},
    {"[grant g]\nusers = u v\nroles = r s\ndefault = r\n[grant h]\nusers = u w\nroles = r s\n"
     "default = s\n",
     0, 0, ""},
    {"[grant g]\nusers = u v\nroles = r s\ndefault = r\n[grant h]\nusers = u\nroles = r s\n"
     "default = r\n",
     0, 0, ""},
    {"[grant g]\nusers = u v\nroles = r s\ndefault = r\nhosts = x\n[grant h]\nusers = u\n"
     "roles = r s\ndefault = s\n",
     0, 0, ""},
    {"[grant g]\nusers = u v\nroles = r s\ndefault = r\n[grant h]\nusers = u\nroles = r s\n"
     "default = s\nservices = sudo\n",
     0, 0, ""},
    /* certificates */
    {CA("c", "*@p", "f") CAROL, 0, 0, ""},
    {USED CA("c", "*@p", "f"), LINT_WARNING, 4, "[ca c] gives nobody a role"},
    {CA("c", "*@q", "f") CA("d", "*@p", "e") CAROL, LINT_WARNING, 1, "[ca c] gives nobody a role"},
    {CAROL, LINT_WARNING, 1, "names the principal carol@p, which the names of no [ca] allow"},
    {CA("c", "*", "f") CAROL, LINT_WARNING, 1, "[ca c] may use any name with names = *"},
    {CA("c", "x ?*", "f") CAROL, LINT_WARNING, 1, "may use any name with names = ?*"},
    {CA("c", "*@p", "f") CA("d", "c*", "e") CAROL, LINT_WARNING, 4,
     "[ca d] with names = c* and [ca c] with names = *@p may use the same name"},
    {CA("c", "*@p", "f") CA("d", "*@q carol*", "e") CAROL, LINT_WARNING, 4, "may use the same"},
    {CA("c", "*@p x@p.e", "f") CA("d", "c?rol@p", "e") CAROL, LINT_WARNING, 4, "the same name"},
    {CA("c", "carol@p x*z", "f") CA("d", "carol@* y*z", "e") CAROL, LINT_WARNING, 4, "the same"},
    {CA("c", "carol@p", "f") CA("d", "carol@? y*z", "e") CAROL, LINT_WARNING, 4, "the same name"},
    /* patterns */
    {USED PATTERN "name = x/{role}\ncase = exact\n", LINT_WARNING, 4,
     "the group a-x-ROLE, though it be for an account a-x that is not listed here, gives the role "
     "x-ROLE of [account a]"},
    {USED "[pattern p]\ngroups = g.{role}_@_{account}.g\ncase = exact\n", LINT_WARNING, 4,
     "the group g.ROLE_@_x_@_a.g, though it be for an account x_@_a that is not listed here, gives "
     "the role ROLE_@_x of [account a]"},
    {USED "[pattern p]\ngroups = {role}-#{account}\ncase = exact\n", 0, 0, ""},
    {USED "[pattern p]\ngroups = \"{account} {role}\"\ncase = exact\n", 0, 0, ""},
    {USED "[pattern p]\ngroups = {account}#{role}\ncase = exact\n[account 111122223333]\n"
          "id = 777788889999\n",
     LINT_ERROR, 4, "[pattern p] could split a group such as 111122223333#R in two ways"},
    {USED PATTERN "case = exact\n[account a-]\nid = 777788889999\n", LINT_ERROR, 4,
     "such as a--ROLE in two ways"},
    {USED "[pattern p]\ngroups = {role}-{account}\nname = y-{role}\n", LINT_WARNING, 4,
     "[pattern p] can give no role: no [role] has a name that it would look for"},
    {USED "[role t]\naccount = a\nname = y-T\n[pattern p]\ngroups = {role}-{account}\n"
          "name = y-{role}\n",
     0, 0, ""},
    {USED PATTERN "case = exact\n[account a-b]\nid = 777788889999\n", LINT_ERROR, 4,
     "[pattern p] could split a group such as a-b-ROLE in two ways"},
    {USED PATTERN "[account a-b]\nid = 777788889999\n", 0, 0, ""},
    {USED PATTERN
     "[account a-b]\nid = 777788889999\n[role t]\naccount = a-b\nname = T\n[role u]\naccount = a\n"
     "name = b-T\n[grant h]\nusers = u\nroles = t u\n",
     LINT_ERROR, 4, "[pattern p] could split a group such as a-b-T in two ways"},
    {USED PATTERN "[role t]\naccount = a\nname = R\n[grant h]\nusers = u\nroles = t\n", LINT_ERROR,
     4, "could split a group such as a-R in two ways"},
    {USED
     "[pattern p]\ngroups = {role}-{account}\ncase = exact\n[account b-a]\nid = 777788889999\n",
     LINT_ERROR, 4, "such as ROLE-b-a in two ways"},
    /* Unix groups */
    {USED GROUPED, 0, 0, ""},
    {USED GROUPED "[grant g]\ngroups = unix-c x\nusers = u\nroles = r\n", LINT_WARNING, 14,
     "unix-c is a unix_group of this policy, and rules do not see those"},
    {USED GROUPED "[deny d]\ngroups = unix-c\n", LINT_WARNING, 14, "rules do not see those"},
    {USED GROUPED "[deny d]\nusers = x\n", 0, 0, ""},
    {CA("c", "*@p", "f") CAROL GROUPED "[deny d]\ngroups = x\n", 0, 0, ""},
    {CA("c", "*@p", "f") CAROL GROUPED "[deny d]\nusers = x\n", 0, 0, ""},
    {CA("c", "*@p", "f") CAROL GROUPED "[deny d]\nusers = x\nprincipals = x@p\n", 0, 0, ""},
    {CA("c", "*@p", "f") CAROL GROUPED "[deny d]\nprincipals = x@p\naccounts = a\n", LINT_WARNING,
     17, "[deny d] names principals alone, and takes no Unix group from whom it names so"},
    {CA("c", "*@p", "f") CAROL "[deny d]\nusers = x\n", 0, 0, ""},
    /* bases */
    {USED IMDS, LINT_WARNING, 4, "[base x] is never used: no base = and no successor"},
    {USED IMDS IN_C("base = x\n", ""), 0, 0, ""},
    {USED
     "[base x]\nsource = process\ncommand = /bin/get --a=$b | /bin/jq\n" IN_C("base = x\n", ""),
     LINT_WARNING, 4, "[base x] hands | to its program as it is"},
    {USED "[base x]\nsource = process\ncommand = /bin/get --a=b c|d\n" IN_C("base = x\n", ""), 0, 0,
     ""},
    {USED "[base x]\nsource = container\nendpoint = http://169.254.170.23/v1/credentials\n" IN_C(
         "base = x\n", ""),
     LINT_WARNING, 4, "[base x] asks the agent of EKS without a token"},
    {USED "[base x]\nsource = container\nendpoint = http://169.254.170.2/v2/credentials/x\n" IN_C(
         "base = x\n", ""),
     0, 0, ""},
    {USED IMDS IN_C("", "base = x\n"), 0, 0, ""},
    {USED IMDS EXACT "name = no-{role}\ncase = exact\nbase = x\n", 0, 0, ""},
    {USED IMDS IN_C(
         "base = x\n",
         "") "[base y]\nsource = file\nfile = /y\nsuccessor = z\n[base z]\nsource = file\nfile = "
             "/z\n"
             "[role u]\naccount = c\nname = U\nbase = y\n[grant u]\nusers = u\nroles = u\n",
     0, 0, ""},
    {USED
     "[base y]\nsource = file\nfile = /f\nsuccessor = z\n[base z]\nsource = file\nfile = /f\n" IN_C(
         "base = y\n", ""),
     LINT_WARNING, 7, "[base z] has the same credentials as the base that it succeeds"},
    {USED IMDS IN_C("base = x\n", "duration = 61m\n"), LINT_WARNING, 9,
     "[role t] has a duration of 61 minutes, but the base credentials are those of a session"},
    {USED IMDS IN_C("base = x\nduration = 2h\n",
                    "") "[role u]\naccount = c\nname = U\n[grant u]\nusers = u\nroles = u\n",
     LINT_WARNING, 6, "[account c] has a duration of 120 minutes"},
    {USED IMDS IN_C("base = x\n", "duration = 1h\n"), 0, 0, ""},
    {USED IN_C("", "duration = 2h\n"), 0, 0, ""},
    {USED IN_C("", "duration = 2h\nbase_role = r\n"), LINT_WARNING, 6,
     "but roles start from the session of [role r]; AWS cuts such sessions to one hour"},
    {USED IMDS EXACT "name = no-{role}\ncase = exact\nbase = x\nduration = 2h\n", LINT_WARNING, 6,
     "[pattern p] has a duration of 120 minutes"},
    {USED "[role hub]\naccount = a\nname = H\n" IN_C("base_role = hub\n", ""), 0, 0, ""},
    {USED "[role hub]\naccount = a\nname = H\n" EXACT "name = no-{role}\ncase = exact\n"
          "base_role = hub\n",
     0, 0, ""},
    {USED IMDS IN_C("base = x\n", "via = web-identity\nduration = 2h\n"), 0, 0, ""},
    {USED IN_C("tags = a=b\nexternal_id = ab\n", "via = saml\n"), LINT_WARNING, 8,
     "says: tags, external_id"},
    {USED IN_C("session_name = x-%{human}\n", "via = web-identity\n"), 0, 0, ""},
    {USED IN_C("session_name = x-%{human}\n", "via = saml\n"), LINT_WARNING, 7,
     "says: session_name"},
    /* session names */
    {NAMED("%{user}%{host}"), LINT_WARNING, 3,
     "session_name = %{user}%{host} can make one name of two people's, as nothing shows where "
     "%{user} ends and %{host} begins"},
    {NAMED("%{human}-%{host}"), LINT_WARNING, 3, "where %{human} ends and %{host} begins"},
    {NAMED("%{human}_%{service}"), LINT_WARNING, 3, "where %{human} ends and %{service} begins"},
    {NAMED("%{user}@%{human}"), LINT_WARNING, 3, "where %{user} ends and %{human} begins"},
    {NAMED("%{host}.%{user}"), LINT_WARNING, 3, "where %{host} ends and %{user} begins"},
    {NAMED("%{user}%{role}%{host}"), LINT_WARNING, 3, "where %{user} ends and %{host} begins"},
    {NAMED("%{host}@%{user}.%{service}"), LINT_WARNING, 3,
     "where %{user} ends and %{service} begins"},
    {NAMED("%{user}@%{host}@%{human}"), LINT_WARNING, 3, "where %{user} ends and %{host} begins"},
    {NAMED("x%{user}"), 0, 0, ""},
    {NAMED("%{account}%{user}%{role}"), 0, 0, ""},
    {NAMED("%{human}@%{host}"), 0, 0, ""},
    {NAMED("%{host}_%{user}"), 0, 0, ""},
    {NAMED("%{user}-+-%{service}"), 0, 0, ""},
    {NAMED("%{user}@%{role}%{host}"), 0, 0, ""},
    {NAMED("%{host}@%{user}=%{service}"), 0, 0, ""},
    {NAMED("%{service}+%{host}@%{user}"), 0, 0, ""},
};

static void each_likely_mistake_is_told_and_no_other(void **state)
{
    size_t wrong = 0;

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char text[4096];
        struct policy *policy;
        struct lint lint;
        bool right;

        snprintf(text, sizeof text, "%s%s", SETTING, cases[i].rules);
        policy = good_policy(text);
        assert_non_null(policy);
        assert_int_equal(lint_policy(policy, NOW, &lint), 0);
        right = cases[i].text[0] == '\0'
                    ? lint.count == 0
                    : lint.count == 1 && lint.items[0].severity == cases[i].severity &&
                          lint.items[0].at.line == (unsigned)((int)BEGIN + cases[i].line) &&
                          strstr(lint.items[0].text, cases[i].text) != NULL;
        if (!right) {
            print_error("%s\nexpected %d at line %d: %s\n", cases[i].rules, cases[i].severity,
                        cases[i].line, cases[i].text);
            for (size_t j = 0; j < lint.count; j++)
                print_error("got      %d at line %d: %s\n", lint.items[j].severity,
                            (int)lint.items[j].at.line - (int)BEGIN, lint.items[j].text);
            wrong++;
        }
        lint_free(&lint);
        policy_free(policy);
    }
    assert_int_equal(wrong, 0);
    lint_free(NULL);
}

static void a_host_that_looks_at_no_certificate_is_told(void **state)
{
    static const char text[] = "[xacct]\nregion = eu-west-1\nidentity = user\n[base]\n"
                               "source = file\nfile = /f\n" CA("c", "*@p", "f");
    struct policy *policy = good_policy(text);
    struct lint lint;

    (void)state;
    assert_non_null(policy);
    assert_int_equal(lint_policy(policy, NOW, &lint), 0);
    assert_int_equal(lint.count, 1);
    assert_non_null(strstr(lint.items[0].text, "[ca c] is never looked at"));
    lint_free(&lint);
    policy_free(policy);
}

static void a_session_policy_that_is_too_long_is_told_once(void **state)
{
    static const struct trust unchecked = {.unchecked = true, .largest = 1024 * 1024};
    static const char conf[] = HEAD "policy = s.json\n[role r]\naccount = b\nname = R\n"
                                    "[role s]\naccount = b\nname = S\n[role t]\naccount = a\n"
                                    "name = T\n[grant g]\nusers = u\nroles = r s t\n";

    (void)state;
    /* Characters are counted, not bytes: each of these has two. */
    for (size_t length = 2046; length <= 2047; length++) {
        char bytes[2 * 2048 + 1] = "{";
        struct policy_overlay files[] = {{"/p/xacct.conf", NULL, conf, sizeof conf - 1},
                                         {"/p/s.json", NULL, bytes, 0}};
        struct policy_errors errors;
        struct policy *policy;
        struct lint lint;

        for (size_t i = 0; i < length; i++)
            strcat(bytes + 2 * i, "\xc3\xa9");
        strcat(bytes, "}");
        files[1].length = strlen(bytes);
        policy = policy_parse_files(files, 2, &unchecked, &errors);
        policy_errors_free(&errors);
        assert_non_null(policy);
        assert_int_equal(lint_policy(policy, NOW, &lint), 0);
        assert_int_equal(lint.count, length > 2046 ? 1 : 0);
        if (lint.count > 0) {
            assert_non_null(strstr(lint.items[0].text, "2049 characters"));
            assert_int_equal(lint.items[0].at.line, HEAD_LINES + 1);
        }
        lint_free(&lint);
        policy_free(policy);
    }
}

static void regions_that_an_endpoint_takes_the_place_of_are_told(void **state)
{
    struct policy *policy =
        good_policy("[xacct]\nregion = eu-west-1\nsts_endpoint = https://sts.example\n"
                    "sts_region = eu-west-1 eu-west-2\nduration = 2h\n[base]\nsource = imds\n"
                    "[account a]\nid = 111122223333\n[role r]\naccount = a\nname = R\n"
                    "[role s]\naccount = a\nname = S\nsts_region = eu-west-2 eu-west-1\n"
                    "[grant g]\nusers = u\nroles = r s\n");
    static const struct {
        unsigned line;
        const char *text;
    } expected[] = {
        {0, "[xacct] has a duration of 120 minutes"},
        {0, "[xacct] has 2 regions in sts_region, but sts_endpoint"},
        {13, "[role s] has 2 regions in sts_region"},
    };
    struct lint lint;

    (void)state;
    assert_non_null(policy);
    assert_int_equal(lint_policy(policy, NOW, &lint), 0);
    assert_int_equal(lint.count, 3);
    for (size_t i = 0; i < lint.count; i++) {
        assert_int_equal(lint.items[i].at.line, expected[i].line);
        assert_non_null(strstr(lint.items[i].text, expected[i].text));
    }
    lint_free(&lint);
    policy_free(policy);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_likely_mistake_is_told_and_no_other),
        cmocka_unit_test(regions_that_an_endpoint_takes_the_place_of_are_told),
        cmocka_unit_test(a_host_that_looks_at_no_certificate_is_told),
        cmocka_unit_test(a_session_policy_that_is_too_long_is_told_once),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
