/*
 * Session names: legal for STS, and distinct for distinct people. The right values were computed
 * with Python's hashlib, not with the code under test.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "helper/session_name.h"

#define X10 "xxxxxxxxxx"
#define X47 X10 X10 X10 X10 "xxxxxxx"
#define X64 X10 X10 X10 X10 X10 X10 "xxxx"
#define X99 X64 X10 X10 X10 "xxxxx"

static const struct {
    const char *identity;
    const char *name;
} names[] = {
    {"alice", "alice"},
    {"alice@corp.example", "alice@corp.example"},
    {"ab", "ab"},
    {X64, X64},
    /* one character is too short */
    {"a", "a-ca978112ca1bbdca"},
    {"_", "_-d2e2adf7177b7a8a"},
    /* bytes that STS does not take */
    {"CORP\\alice", "CORP_alice-83da4d2f3a048a1f"},
    {"corp\\alice", "corp_alice-ca09d31dd7505d1d"},
    {"corp/alice", "corp_alice-c8c55b55df90d9cb"},
    {"j\xc3\xbcrgen", "j__rgen-19b720a911fced55"},
    {"Anna Maria", "Anna_Maria-9d2373519d2c99f8"},
    {"aws:alice", "aws_alice-367d869488146d8f"},
    /* too long, with one beginning */
    {X64 "x", X47 "-9537c5fdf120482f"},
    {X99 "x", X47 "-09ecb6ebc8bcefc7"},
    {X99 "y", X47 "-d035ca921af6dd8b"},
    /* names that look mapped already, so that nobody can take another's */
    {"CORP_alice-83da4d2f3a048a1f", "CORP_alice-83da4d2f3a048a1f-31bce1e284caae39"},
    {"alice-0123456789abcdef", "alice-0123456789abcdef-08de70070336baac"},
    {"alice-0123456789ABCDEF", "alice-0123456789ABCDEF-e5f3eee4b8903fe0"},
    /* and those that only nearly do */
    {"alice-0123456789abcde", "alice-0123456789abcde"},
    {"alice-0123456789abcdeg", "alice-0123456789abcdeg"},
    {"alice_0123456789abcdef", "alice_0123456789abcdef"},
};

#define COUNT (sizeof names / sizeof *names)

static void each_identity_has_its_name(void **state)
{
    char name[SESSION_NAME_MAX + 1];
    size_t i;

    (void)state;
    for (i = 0; i < COUNT; i++) {
        assert_int_equal(session_name(names[i].identity, name), 0);
        assert_string_equal(name, names[i].name);
    }
}

static void every_name_is_legal_for_sts(void **state)
{
    static const char legal[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@-";
    char identity[3] = {0}, name[SESSION_NAME_MAX + 1];
    int first;

    (void)state;
    for (first = 1; first < 256; first++) {
        identity[0] = (char)first;
        identity[1] = first % 2 ? '\0' : 'z';
        assert_int_equal(session_name(identity, name), 0);
        assert_in_range(strlen(name), 2, 64);
        assert_int_equal(strspn(name, legal), strlen(name));
    }
}

static void no_two_identities_share_a_name(void **state)
{
    char a[SESSION_NAME_MAX + 1], b[SESSION_NAME_MAX + 1];
    size_t i, j;

    (void)state;
    for (i = 0; i < COUNT; i++)
        for (j = 0; j < i; j++) {
            assert_int_equal(session_name(names[i].identity, a), 0);
            assert_int_equal(session_name(names[j].identity, b), 0);
            assert_string_not_equal(a, b);
        }
}

static void an_empty_identity_has_no_name(void **state)
{
    char name[SESSION_NAME_MAX + 1];

    (void)state;
    assert_int_equal(session_name("", name), EINVAL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_identity_has_its_name),
        cmocka_unit_test(every_name_is_legal_for_sts),
        cmocka_unit_test(no_two_identities_share_a_name),
        cmocka_unit_test(an_empty_identity_has_no_name),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
