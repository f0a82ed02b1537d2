/*
 * The form bodies of AssumeRole and its like.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "secret_setting.h"

#include "helper/sts.h"

static void assert_body(const struct sts_assume_role *call, const char *expected)
{
    struct secret body;

    assert_int_equal(sts_body(call, &body), 0);
    assert_string_equal(body.bytes, expected);
    assert_int_equal(body.length, strlen(expected));
    secret_free(&body);
}

/* Everything that a role may have; what an action does not know must not be in its body. */
static struct sts_assume_role whole_call(enum sts_action action, const struct secret *proof)
{
    static const char *const arns[] = {"arn:aws:iam::aws:policy/ReadOnlyAccess"};
    static const struct sts_tag tags[] = {{"Team", "ops"}};
    static const char *const transitive[] = {"Team"};

    return (struct sts_assume_role){
        .action = action,
        .role_arn = "arn:aws:iam::123456789012:role/R",
        .session_name = "alice@example.com",
        .proof = proof,
        .principal_arn = "arn:aws:iam::123456789012:saml-provider/Idp",
        .source_identity = "alice",
        .external_id = "7Zr-42",
        .policy = "{\"Version\":\"2012-10-17\",\"Statement\":[]}",
        .duration = 3600,
        .policy_arns = arns,
        .policy_arn_count = 1,
        .tags = tags,
        .tag_count = 1,
        .transitive_tags = transitive,
        .transitive_tag_count = 1,
    };
}

static void all_parameters_are_written_as_botocore_writes_them(void **state)
{
    static const struct sts_tag tags[] = {{"Team", "ops + sec"}, {"k2", ""}};
    struct sts_assume_role call = whole_call(STS_ASSUME_ROLE, NULL);

    (void)state;
    call.role_arn = "arn:aws:iam::123456789012:role/path/My+Role";
    call.external_id = "a:b/c=d";
    call.tags = tags;
    call.tag_count = 2;
    assert_body(&call,
                "Action=AssumeRole&Version=2011-06-15"
                "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2FMy%2BRole"
                "&RoleSessionName=alice%40example.com&DurationSeconds=3600&ExternalId=a%3Ab%2Fc%3Dd"
                "&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D"
                "&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess"
                "&Tags.member.1.Key=Team&Tags.member.1.Value=ops%20%2B%20sec&Tags.member.2.Key=k2"
                "&Tags.member.2.Value=&TransitiveTagKeys.member.1=Team&SourceIdentity=alice");
}

static void what_is_not_set_is_left_out(void **state)
{
    static const struct sts_assume_role call = {
        .role_arn = "arn:aws:iam::123456789012:role/R",
        .session_name = "alice",
    };

    (void)state;
    assert_body(&call,
                "Action=AssumeRole&Version=2011-06-15"
                "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FR&RoleSessionName=alice");
}

static void bytes_outside_ascii_and_controls_are_escaped(void **state)
{
    static const struct sts_tag tags[] = {{"j\xc3\xbcrgen", "~*'()\n%&"}};
    static const struct sts_assume_role call = {
        .role_arn = "r", .session_name = "s", .tags = tags, .tag_count = 1};

    (void)state;
    assert_body(&call, "Action=AssumeRole&Version=2011-06-15&RoleArn=r&RoleSessionName=s"
                       "&Tags.member.1.Key=j%C3%BCrgen&Tags.member.1.Value=~%2A%27%28%29%0A%25%26");
}

#define LIMITS                                                                                     \
    "&DurationSeconds=3600"                                                                        \
    "&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D"                    \
    "&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess"

/* The fields are those that botocore's serialiser makes of the same parameters. */
static void a_token_goes_with_what_its_action_takes(void **state)
{
    struct secret token;
    struct sts_assume_role call = whole_call(STS_WITH_WEB_IDENTITY, &token);

    (void)state;
    assert_int_equal(secret_copy(&token, "eyJh.eyJp.s-_g", 14), 0);
    assert_body(&call, "Action=AssumeRoleWithWebIdentity&Version=2011-06-15"
                       "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FR"
                       "&RoleSessionName=alice%40example.com"
                       "&WebIdentityToken=eyJh.eyJp.s-_g" LIMITS);
    secret_free(&token);
}

static void an_assertion_goes_with_what_its_action_takes(void **state)
{
    struct secret assertion;
    struct sts_assume_role call = whole_call(STS_WITH_SAML, &assertion);

    (void)state;
    assert_int_equal(secret_copy(&assertion, "PHNhbWw+/A==", 12), 0);
    assert_body(&call, "Action=AssumeRoleWithSAML&Version=2011-06-15"
                       "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FR"
                       "&PrincipalArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Asaml-provider%2FIdp"
                       "&SAMLAssertion=PHNhbWw%2B%2FA%3D%3D" LIMITS);
    secret_free(&assertion);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_parameters_are_written_as_botocore_writes_them),
        cmocka_unit_test(what_is_not_set_is_left_out),
        cmocka_unit_test(bytes_outside_ascii_and_controls_are_escaped),
        cmocka_unit_test(a_token_goes_with_what_its_action_takes),
        cmocka_unit_test(an_assertion_goes_with_what_its_action_takes),
    };

    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
