/*
 * The signer against signatures that botocore and an independent computation agree on. Thousands of
 * random requests are compared with botocore and curl in test_signer.py.
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

#include "secret_setting.h"

#include "helper/sigv4.h"

#define NOW 1767323045 /* 2026-01-02T03:04:05Z */
#define SCOPE_A                                                                                    \
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/sts/aws4_request, "                \
    "SignedHeaders=content-type;host;x-amz-date, Signature="
#define SCOPE_B                                                                                    \
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/eu-west-1/sts/aws4_request, "                \
    "SignedHeaders=content-type;host;x-amz-date, Signature="
#define SCOPE_C                                                                                    \
    "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20260102/us-east-1/sts/aws4_request, "                \
    "SignedHeaders=content-type;host;x-amz-date;x-amz-security-token, Signature="

static const struct {
    const char *region;
    const char *host;
    const char *token;
    const char *body;
    const char *authorization;
} vectors[] = {
    {"us-east-1", "sts.us-east-1.amazonaws.com", NULL,
     "Action=AssumeRole&Version=2011-06-15&"
     "RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2FR&RoleSessionName=alice",
     SCOPE_A "e5dbad262d4468ef71ff509fe88316f9be0d1b893d1120ebcc6f05a90c55a726"},
    {"eu-west-1", "sts.eu-west-1.amazonaws.com", NULL,
     "Action=GetCallerIdentity&Version=2011-06-15",
     SCOPE_B "b87ee61678696c301b942d163db6c138bb8970c1f50b5998524a5508d8860576"},
    {"us-east-1", "sts.us-east-1.amazonaws.com", "TOK+/==",
     "Action=AssumeRole&Version=2011-06-15"
     "&RoleArn=arn%3Aaws%3Aiam%3A%3A123456789012%3Arole%2Fpath%2FMy%2BRole"
     "&RoleSessionName=alice%40example.com&DurationSeconds=3600&ExternalId=a%3Ab%2Fc%3Dd"
     "&Policy=%7B%22Version%22%3A%222012-10-17%22%2C%22Statement%22%3A%5B%5D%7D"
     "&PolicyArns.member.1.arn=arn%3Aaws%3Aiam%3A%3Aaws%3Apolicy%2FReadOnlyAccess"
     "&Tags.member.1.Key=Team&Tags.member.1.Value=ops+%2B+sec&Tags.member.2.Key=k2"
     "&Tags.member.2.Value=&TransitiveTagKeys.member.1=Team&SourceIdentity=alice"
     "&SerialNumber=arn%3Aaws%3Aiam%3A%3A1%3Amfa%2Fa&TokenCode=123456",
     SCOPE_C "57829f5caa465f895969126ec84f8608ba6fb788565de7db3bb7a8d909594aaa"},
};

static struct credentials example_credentials(const char *token)
{
    static const char key[] = "wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY";
    struct credentials credentials = {.access_key_id = "AKIDEXAMPLE"};

    assert_int_equal(secret_copy(&credentials.secret_access_key, key, strlen(key)), 0);
    if (token != NULL)
        assert_int_equal(secret_copy(&credentials.session_token, token, strlen(token)), 0);
    return credentials;
}

static struct sigv4_request example_request(size_t vector)
{
    return (struct sigv4_request){
        .host = vectors[vector].host,
        .path = "/",
        .content_type = "application/x-www-form-urlencoded; charset=utf-8",
        .body = vectors[vector].body,
        .body_length = strlen(vectors[vector].body),
        .region = vectors[vector].region,
        .service = "sts",
        .now = NOW,
    };
}

static void signatures_are_those_of_botocore(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof vectors / sizeof *vectors; i++) {
        struct credentials credentials = example_credentials(vectors[i].token);
        struct sigv4_request request = example_request(i);
        struct sigv4_signature signature;

        assert_int_equal(sigv4_sign(&request, &credentials, &signature), 0);
        assert_string_equal(signature.date, "20260102T030405Z");
        assert_string_equal(signature.authorization, vectors[i].authorization);
        credentials_free(&credentials);
    }
}

static void a_region_too_long_for_the_header_is_refused(void **state)
{
    struct credentials credentials = example_credentials(NULL);
    struct sigv4_request request = example_request(0);
    struct sigv4_signature signature;
    char region[300];

    (void)state;
    memset(region, 'r', sizeof region - 1);
    region[sizeof region - 1] = '\0';
    request.region = region;
    assert_int_equal(sigv4_sign(&request, &credentials, &signature), EOVERFLOW);
    credentials_free(&credentials);
}

static void without_secret_memory_nothing_is_signed(void **state)
{
    struct credentials credentials = example_credentials(NULL);
    struct sigv4_request request = example_request(0);
    struct sigv4_signature signature;
    struct secret hog;
    size_t size = SECRET_ARENA_SIZE;

    (void)state;
    while (secret_new(&hog, size) != 0)
        size -= 16;
    assert_int_equal(sigv4_sign(&request, &credentials, &signature), ENOMEM);
    secret_free(&hog);
    assert_int_equal(sigv4_sign(&request, &credentials, &signature), 0);
    credentials_free(&credentials);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(signatures_are_those_of_botocore),
        cmocka_unit_test(a_region_too_long_for_the_header_is_refused),
        cmocka_unit_test(without_secret_memory_nothing_is_signed),
    };

    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
