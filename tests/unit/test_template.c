/*
 * Templates.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "policy/template.h"

static const struct template_values values = {{
    [TEMPLATE_USER] = "alice",
    [TEMPLATE_HUMAN] = "alice@corp.example",
    [TEMPLATE_SESSION_NAME] = "alice_+=,.@-9",
    [TEMPLATE_ACCOUNT] = "client-a",
    [TEMPLATE_ROLE] = "audit",
    [TEMPLATE_HOST] = "bastion-1",
    [TEMPLATE_SERVICE] = "sshd",
}};

static void every_template_is_replaced_and_nothing_else(void **state)
{
    static const char *const cases[][2] = {
        {"", ""},
        {"plain", "plain"},
        {"%{user}", "alice"},
        {"%{user}%{user}", "alicealice"},
        {"a-%{human}-%{session_name}-z", "a-alice@corp.example-alice_+=,.@-9-z"},
        {"%{account}/%{role}/%{host}/%{service}", "client-a/audit/bastion-1/sshd"},
        {"${aws:username} {user} % %% %user }", "${aws:username} {user} % %% %user }"},
        {"{\"a\": \"%{user}\"}\n", "{\"a\": \"alice\"}\n"},
        {"%%{user}", "%alice"},
    };
    char *expanded;
    char why[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        assert_int_equal(template_check(cases[i][0], why, sizeof why), 0);
        assert_int_equal(template_expand(cases[i][0], &values, &expanded, why, sizeof why), 0);
        assert_string_equal(expanded, cases[i][1]);
        free(expanded);
    }
}

static void what_is_no_template_is_refused(void **state)
{
    static const char *const cases[] = {
        "%{",          "%{}",          "%{user",          "%{User}",          "%{ user}",
        "%{username}", "%{use}",       "x %{user y",      "%{user}%{nobody}", "%{%{user}}",
        "%{user\n}",   "{\"%{user\"}", "%{session-name}",
    };
    char *expanded;
    char why[256];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        why[0] = '\0';
        assert_int_equal(template_check(cases[i], why, sizeof why), EINVAL);
        assert_non_null(strstr(why, "begins no template"));
        expanded = why;
        assert_int_equal(template_expand(cases[i], &values, &expanded, why, sizeof why), EINVAL);
        assert_null(expanded);
    }
}

static void a_value_that_means_something_in_a_policy_is_refused(void **state)
{
    static const char *const cases[] = {
        "",
        "*",
        "a*",
        "?",
        "${aws:username}",
        "a b",
        "a/b",
        "a:b",
        "a\"b",
        "a\\b",
        "a\n",
        "a\t",
        "j\xc3\xbcrgen",
        "a$",
        "{",
        "}",
        "%",
        "a|b",
        "a'b",
        "a;b",
        "<",
        "&",
        "%{user}",
    };
    struct template_values hostile = values;
    char *expanded;
    char why[512];

    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        hostile.of[TEMPLATE_HUMAN] = cases[i];
        assert_int_equal(template_expand("x%{human}", &hostile, &expanded, why, sizeof why),
                         EINVAL);
        assert_null(expanded);
        assert_non_null(strstr(why, "%{human} is"));
        /* Unused, it harms nobody. */
        assert_int_equal(template_expand("x%{user}", &hostile, &expanded, why, sizeof why), 0);
        assert_string_equal(expanded, "xalice");
        free(expanded);
    }
}

static void a_value_that_is_not_known_refuses_what_uses_it(void **state)
{
    static const char *const uses[] = {"%{user}", "%{human}", "%{session_name}", "%{account}",
                                       "%{role}", "%{host}",  "%{service}"};
    const struct template_values none = {{NULL}};
    char *expanded;
    char why[256];

    (void)state;
    for (size_t i = 0; i < sizeof uses / sizeof *uses; i++) {
        assert_int_equal(template_expand(uses[i], &none, &expanded, why, sizeof why), EINVAL);
        assert_non_null(strstr(why, uses[i]));
    }
    assert_int_equal(template_expand("plain", &none, &expanded, why, sizeof why), 0);
    free(expanded);
}

static void reasons_fit_into_small_buffers(void **state)
{
    struct template_values hostile = values;
    char *expanded;
    char why[8];

    (void)state;
    hostile.of[TEMPLATE_USER] = "\x1b[31m and so on";
    assert_int_equal(template_expand("%{user}", &hostile, &expanded, why, sizeof why), EINVAL);
    assert_int_equal(strlen(why), sizeof why - 1);
    assert_int_equal(template_check("%{nobody}", why, 1), EINVAL);
    assert_int_equal(why[0], '\0');
}

static void an_outline_shows_what_stands_around_the_templates(void **state)
{
    char outline[64];

    (void)state;
    template_outline("a-%{user}/%{human}b%{nobody}", outline);
    assert_string_equal(outline, "a-x/xb%{nobody}");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_template_is_replaced_and_nothing_else),
        cmocka_unit_test(what_is_no_template_is_refused),
        cmocka_unit_test(a_value_that_means_something_in_a_policy_is_refused),
        cmocka_unit_test(a_value_that_is_not_known_refuses_what_uses_it),
        cmocka_unit_test(reasons_fit_into_small_buffers),
        cmocka_unit_test(an_outline_shows_what_stands_around_the_templates),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
