/*
 * Which folders the sandbox leaves open for a policy.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "helper/folders.h"
#include "policy_text.h"

#define ANYWHERE                                                                                   \
    "source = roles-anywhere\nrole_arn = arn:aws:iam::111122223333:role/R\n"                       \
    "trust_anchor_arn = arn:aws:rolesanywhere:eu-west-1:111122223333:trust-anchor/a\n"             \
    "profile_arn = arn:aws:rolesanywhere:eu-west-1:111122223333:profile/p\n"
#define BASES                                                                                      \
    "[base w]\nsource = web-identity\nrole_arn = arn:aws:iam::111122223333:role/R\n"               \
    "token_file = /tokens/t\n"                                                                     \
    "[base a]\n" ANYWHERE "certificate = /certs/c.pem\nkey = /keys/k.pem\n"                        \
    "[base b]\n" ANYWHERE "certificate = /certs/d.pem\nkey = pkcs11:object=/k\n"                   \
    "pkcs11_module = /modules/m.so\npin_file = /pins/pin\n"                                        \
    "[base p]\nsource = process\ncommand = /programs/get /data/x\n"

static void set_up(struct folders *folders, struct policy **policy, const char *more)
{
    char text[4096];

    snprintf(text, sizeof text, HEAD "%s", more);
    *policy = good_policy(text);
    assert_non_null(*policy);
    assert_int_equal(folders_of(folders, "/etc/xacct/xacct.conf", NULL, *policy), 0);
}

static void expect(const struct texts *list, const char *const *expected)
{
    size_t i;

    for (i = 0; expected[i] != NULL; i++) {
        assert_true(i < list->count);
        assert_string_equal(list->items[i], expected[i]);
    }
    assert_int_equal(list->count, i);
}

static void each_file_that_a_base_names_can_be_read_and_nothing_else(void **state)
{
    static const char *const expected[] = {"/certs", "/etc/xacct", "/keys",
                                           "/pins",  "/tokens",    NULL};
    static const char *const writable[] = {"/run/xacct/sessions", "/var/lib/xacct",
                                           "/var/log/xacct", NULL};
    struct folders folders;
    struct policy *policy;

    (void)state;
    set_up(&folders, &policy, BASES);
    expect(&folders.readable, expected);
    expect(&folders.writable, writable);
    folders_free(&folders);
    policy_free(policy);
}

static void a_policy_fits_as_long_as_its_folders_are_the_same(void **state)
{
    static const struct {
        const char *more;
        bool same;
    } cases[] = {
        {"", true},
        {"[base x]\nsource = file\nfile = /etc/xacct/other\n", true},
        {"[base x]\nsource = imds\n", true},
        {"[base x]\nsource = file\nfile = /elsewhere/other\n", false},
        {BASES, false},
    };
    struct policy *first_policy;
    struct folders first;

    (void)state;
    set_up(&first, &first_policy, "");
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct policy *policy;
        struct folders folders;

        set_up(&folders, &policy, cases[i].more);
        assert_int_equal(folders_same(&first, &folders), cases[i].same);
        assert_int_equal(folders_same(&folders, &first), cases[i].same);
        folders_free(&folders);
        policy_free(policy);
    }
    folders_free(&first);
    policy_free(first_policy);
}

/* More folders than any table of fixed size would hold. */
static void there_is_no_limit_to_folders(void **state)
{
    struct folders folders;
    struct policy *policy;
    char more[64 * 64] = "";
    size_t used = 0;

    (void)state;
    for (unsigned i = 0; i < 60; i++)
        used += (size_t)snprintf(more + used, sizeof more - used,
                                 "[base b%u]\nsource = file\nfile = /b%02u/f\n", i, i);
    set_up(&folders, &policy, more);
    assert_int_equal(folders.readable.count, 61);
    folders_free(&folders);
    policy_free(policy);
}

static void without_a_policy_the_standard_places_count(void **state)
{
    static const char *const readable[] = {"/", NULL};
    static const char *const writable[] = {"/run/xacct/sessions", "/srv/last", "/var/lib/xacct",
                                           "/var/log/xacct", NULL};
    struct folders folders;

    (void)state;
    assert_int_equal(folders_of(&folders, "/xacct.conf", "/srv/last", NULL), 0);
    expect(&folders.readable, readable);
    expect(&folders.writable, writable);
    folders_free(&folders);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_file_that_a_base_names_can_be_read_and_nothing_else),
        cmocka_unit_test(a_policy_fits_as_long_as_its_folders_are_the_same),
        cmocka_unit_test(there_is_no_limit_to_folders),
        cmocka_unit_test(without_a_policy_the_standard_places_count),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
