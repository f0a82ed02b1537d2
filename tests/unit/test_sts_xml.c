/*
 * The answers of STS: AWS's shapes, Ceph's, and what is neither.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "secret_setting.h"

#include "helper/instant.h"
#include "helper/sts_xml.h"

#define AWS_NS " xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\""
#define KEYS                                                                                       \
    "<AccessKeyId>ASIAEXAMPLEEXAMPLE01</AccessKeyId>"                                              \
    "<SecretAccessKey>sec/ret+key</SecretAccessKey>"
#define TOKEN      "<SessionToken>tok+en/==</SessionToken>"
#define EXPIRATION "<Expiration>2026-01-02T04:04:05Z</Expiration>"
#define RESULT(ns, credentials)                                                                    \
    "<AssumeRoleResponse" ns "><AssumeRoleResult><Credentials>" credentials                        \
    "</Credentials></AssumeRoleResult></AssumeRoleResponse>"
#define EXPIRES 1767326645 /* 2026-01-02T04:04:05Z */

static enum sts_document read_text(const char *text, struct sts_assumed *assumed,
                                   struct sts_failure *failure)
{
    memset(failure, 0, sizeof *failure);
    return sts_xml_read(text, strlen(text), assumed, failure);
}

static void a_result_of_aws_is_read_whole(void **state)
{
    static const char text[] =
        "<AssumeRoleResponse" AWS_NS ">\n  <AssumeRoleResult>\n"
        "    <SourceIdentity>alice</SourceIdentity>\n"
        "    <AssumedRoleUser>\n"
        "      <Arn>arn:aws:sts::123456789012:assumed-role/R/alice</Arn>\n"
        "      <AssumedRoleId>AROAEXAMPLE:alice</AssumedRoleId>\n"
        "    </AssumedRoleUser>\n"
        "    <Credentials>\n      " KEYS
        "\n      <SessionToken>\n  tok&#43;en/==\n  </SessionToken>\n"
        "      " EXPIRATION "\n    </Credentials>\n"
        "    <PackedPolicySize>6</PackedPolicySize>\n  </AssumeRoleResult>\n"
        "  <ResponseMetadata>\n    <RequestId>c6104cbe-af31-11e0-8154-cbc7ccf896c7</RequestId>\n"
        "  </ResponseMetadata>\n</AssumeRoleResponse>\n";
    struct sts_failure failure;
    struct sts_assumed assumed;

    (void)state;
    assert_int_equal(read_text(text, &assumed, &failure), STS_DOCUMENT_RESULT);
    assert_string_equal(assumed.credentials.access_key_id, "ASIAEXAMPLEEXAMPLE01");
    assert_string_equal(assumed.credentials.secret_access_key.bytes, "sec/ret+key");
    assert_string_equal(assumed.credentials.session_token.bytes, "tok+en/==");
    assert_int_equal(assumed.credentials.session_token.length, 9);
    assert_int_equal(assumed.credentials.expiration, EXPIRES);
    assert_string_equal(assumed.arn, "arn:aws:sts::123456789012:assumed-role/R/alice");
    assert_string_equal(assumed.request_id, "c6104cbe-af31-11e0-8154-cbc7ccf896c7");
    assert_string_equal(assumed.credentials.source_identity, "alice");
    assert_int_equal(assumed.packed_policy_size, 6);
    credentials_free(&assumed.credentials);
}

/* The answers to a token and to an assertion: AWS's examples have these elements beside. */
static const char *const other_results[] = {
    "<AssumeRoleWithWebIdentityResponse" AWS_NS "><AssumeRoleWithWebIdentityResult>"
    "<SubjectFromWebIdentityToken>amzn1.account.A</SubjectFromWebIdentityToken>"
    "<Audience>client</Audience><AssumedRoleUser>"
    "<Arn>arn:aws:sts::123456789012:assumed-role/R/alice</Arn></AssumedRoleUser>"
    "<Credentials>" KEYS TOKEN EXPIRATION "</Credentials>"
    "<SourceIdentity>alice</SourceIdentity><Provider>www.amazon.com</Provider>"
    "</AssumeRoleWithWebIdentityResult></AssumeRoleWithWebIdentityResponse>",
    "<AssumeRoleWithSAMLResponse" AWS_NS "><AssumeRoleWithSAMLResult>"
    "<Issuer>https://idp/</Issuer><Audience>https://signin.aws.amazon.com/saml</Audience>"
    "<AssumedRoleUser><Arn>arn:aws:sts::123456789012:assumed-role/R/alice</Arn></AssumedRoleUser>"
    "<Credentials>" KEYS TOKEN EXPIRATION "</Credentials><Subject>alice</Subject>"
    "<SourceIdentity>alice</SourceIdentity><NameQualifier>q</NameQualifier>"
    "<SubjectType>transient</SubjectType>"
    "</AssumeRoleWithSAMLResult></AssumeRoleWithSAMLResponse>",
};

static void the_results_of_a_proof_are_read_whole(void **state)
{
    struct sts_failure failure;
    struct sts_assumed assumed;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof other_results / sizeof *other_results; i++) {
        assert_int_equal(read_text(other_results[i], &assumed, &failure), STS_DOCUMENT_RESULT);
        assert_string_equal(assumed.credentials.secret_access_key.bytes, "sec/ret+key");
        assert_string_equal(assumed.credentials.session_token.bytes, "tok+en/==");
        assert_string_equal(assumed.credentials.source_identity, "alice");
        assert_int_equal(assumed.credentials.expiration, EXPIRES);
        assert_string_equal(assumed.arn, "arn:aws:sts::123456789012:assumed-role/R/alice");
        credentials_free(&assumed.credentials);
    }
}

static void a_result_of_ceph_is_read_whole(void **state)
{
    static const char text[] =
        "<AssumeRoleResponse><AssumeRoleResult><Credentials>" KEYS
        "<Expiration>2026-01-02T04:04:05.123456789Z</Expiration>" TOKEN "</Credentials>"
        "<AssumedRoleUser><Arn>arn:aws:sts::111122223333:assumed-role/R/alice</Arn>"
        "<AssumeRoleId>x:alice</AssumeRoleId></AssumedRoleUser>"
        "<PackedPolicySize>0</PackedPolicySize></AssumeRoleResult></AssumeRoleResponse>";
    struct sts_failure failure;
    struct sts_assumed assumed;

    (void)state;
    assert_int_equal(read_text(text, &assumed, &failure), STS_DOCUMENT_RESULT);
    assert_string_equal(assumed.credentials.session_token.bytes, "tok+en/==");
    assert_int_equal(assumed.credentials.expiration, EXPIRES);
    assert_string_equal(assumed.arn, "arn:aws:sts::111122223333:assumed-role/R/alice");
    assert_string_equal(assumed.request_id, "");
    assert_int_equal(assumed.packed_policy_size, 0);
    credentials_free(&assumed.credentials);
}

/* Good results whose layout is unusual. */
static const char *const odd_results[] = {
    RESULT("", KEYS TOKEN EXPIRATION),
    RESULT("", EXPIRATION TOKEN KEYS),
    RESULT(" xmlns=\"https://sts.amazonaws.com/doc /2011-06-15/\"", KEYS TOKEN EXPIRATION),
    RESULT(" xmlns=\"https://sts.amazonaws.com/doc/2011-06-15/\n\"", KEYS TOKEN EXPIRATION),
    RESULT(" xmlns=\"urn:other\"", KEYS TOKEN EXPIRATION),
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>" RESULT("", KEYS TOKEN EXPIRATION),
    RESULT("", KEYS "<SessionToken><![CDATA[tok+en/==]]></SessionToken>" EXPIRATION),
    RESULT("", KEYS TOKEN EXPIRATION "<Later>new</Later>"),
    RESULT("", "<!-- a --><?b c?>" KEYS TOKEN EXPIRATION),
    RESULT(" xmlns:a=\"urn:a\"",
           KEYS "<a:SessionToken a:b=\"c\">tok+en/==</a:SessionToken>" EXPIRATION),
    "<AssumeRoleResponse><AssumeRoleResult><Credentials>" KEYS TOKEN EXPIRATION
    "</Credentials><PackedPolicySize>-5</PackedPolicySize></AssumeRoleResult>"
    "</AssumeRoleResponse>",
};

static void the_layout_of_a_result_does_not_matter(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof odd_results / sizeof *odd_results; i++) {
        struct sts_failure failure;
        struct sts_assumed assumed;

        assert_int_equal(read_text(odd_results[i], &assumed, &failure), STS_DOCUMENT_RESULT);
        assert_string_equal(assumed.credentials.session_token.bytes, "tok+en/==");
        assert_int_equal(assumed.packed_policy_size, -1);
        credentials_free(&assumed.credentials);
    }
}

static const struct {
    const char *text;
    const char *code;
    const char *message;
    const char *request_id;
} errors[] = {
    {"<ErrorResponse" AWS_NS
     ">\n  <Error>\n    <Type>Sender</Type>\n    <Code>AccessDenied</Code>\n"
     "    <Message>User: x is not authorized &amp; so on</Message>\n  </Error>\n"
     "  <RequestId>abc-1</RequestId>\n</ErrorResponse>",
     "AccessDenied", "User: x is not authorized & so on", "abc-1"},
    {"<?xml version=\"1.0\" encoding=\"UTF-8\"?><Error><Code>AccessDenied</Code><Message></Message>"
     "<RequestId>tx0-1-default</RequestId><HostId>h</HostId></Error>",
     "AccessDenied", "", "tx0-1-default"},
    {"<Error><Code>SignatureDoesNotMatch</Code></Error>", "SignatureDoesNotMatch", "", ""},
};

static void errors_are_read_from_either_shape(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof errors / sizeof *errors; i++) {
        struct sts_failure failure;
        struct sts_assumed assumed;

        assert_int_equal(read_text(errors[i].text, &assumed, &failure), STS_DOCUMENT_ERROR);
        assert_string_equal(failure.code, errors[i].code);
        assert_string_equal(failure.message, errors[i].message);
        assert_string_equal(failure.request_id, errors[i].request_id);
    }
}

static const struct {
    const char *text;
    const char *why;
} garbled[] = {
    {"", "empty"},
    {"<html><body>Please log in</body></html>", "root element"},
    {"<!DOCTYPE html><html></html>", "DOCTYPE"},
    {"<!DOCTYPE a [<!ENTITY k SYSTEM \"file:///etc/passwd\">]>" RESULT("", KEYS TOKEN EXPIRATION),
     "DOCTYPE"},
    {"<!DOCTYPE a [<!ENTITY a \"x\"><!ENTITY b "
     "\"&a;&a;&a;&a;&a;\">]><Error><Code>&b;</Code></Error>",
     "DOCTYPE"},
    {"{\"AssumeRoleResponse\": {}}", "not XML"},
    {"<AssumeRoleResponse><AssumeRoleResult><Credentials><AccessKeyId>ASIA", "not XML"},
    {RESULT("", KEYS TOKEN EXPIRATION) "<more/>", "not XML"},
    {RESULT("", "<AccessKeyId>&undefined;</AccessKeyId>" TOKEN EXPIRATION), "not XML"},
    {"<AssumeRoleResponse/>", "AccessKeyId"},
    {"<GetCallerIdentityResponse/>", "root element"},
    {RESULT("", TOKEN EXPIRATION), "AccessKeyId"},
    {RESULT("", "<AccessKeyId>AS IA</AccessKeyId>" TOKEN EXPIRATION), "AccessKeyId"},
    {RESULT("", "<AccessKeyId>ASIA</AccessKeyId>" TOKEN EXPIRATION), "SecretAccessKey"},
    {RESULT("", KEYS EXPIRATION), "SessionToken"},
    {RESULT("", KEYS "<SessionToken> </SessionToken>" EXPIRATION), "SessionToken"},
    {RESULT("", KEYS "<SessionToken>a\nb</SessionToken>" EXPIRATION), "SessionToken"},
    {RESULT("", KEYS "<SessionToken>a\xc3\xbc</SessionToken>" EXPIRATION), "SessionToken"},
    {RESULT("", KEYS "<SessionToken>a<b/>c</SessionToken>" EXPIRATION), "SessionToken"},
    {RESULT("", KEYS "<SessionToken>a<!-- -->c</SessionToken>" EXPIRATION), "SessionToken"},
    {RESULT("", KEYS "<SessionToken>a<?b c?>d</SessionToken>" EXPIRATION), "SessionToken"},
    {RESULT("", KEYS TOKEN), "Expiration"},
    {RESULT("", KEYS TOKEN "<Expiration>soon</Expiration>"), "Expiration"},
    {"<ErrorResponse><Error><Message>m</Message></Error></ErrorResponse>", "without a Code"},
    {"<Error/>", "without a Code"},
};

static void what_is_no_answer_of_sts_is_garbled(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof garbled / sizeof *garbled; i++) {
        struct sts_failure failure;
        struct sts_assumed assumed;

        assert_int_equal(read_text(garbled[i].text, &assumed, &failure), STS_DOCUMENT_GARBLED);
        assert_non_null(strstr(failure.message, garbled[i].why));
        assert_null(assumed.credentials.secret_access_key.bytes);
        assert_null(assumed.credentials.session_token.bytes);
    }
}

/* The elements are ones that a later version of STS may add, which are passed over. */
static void a_document_nested_too_deep_is_garbled(void **state)
{
    static const struct {
        int depth;
        enum sts_document kind;
    } cases[] = {
        {100, STS_DOCUMENT_RESULT},
        {300, STS_DOCUMENT_GARBLED},
        {100000, STS_DOCUMENT_GARBLED},
    };
    size_t i, size;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct sts_failure failure;
        struct sts_assumed assumed;
        char *text = NULL;
        FILE *out = open_memstream(&text, &size);
        int depth;

        assert_non_null(out);
        fputs("<AssumeRoleResponse>", out);
        for (depth = 0; depth < cases[i].depth; depth++)
            fputs("<a>", out);
        for (depth = 0; depth < cases[i].depth; depth++)
            fputs("</a>", out);
        fputs("<AssumeRoleResult><Credentials>" KEYS TOKEN EXPIRATION
              "</Credentials></AssumeRoleResult></AssumeRoleResponse>",
              out);
        assert_int_equal(fclose(out), 0);
        assert_int_equal(read_text(text, &assumed, &failure), cases[i].kind);
        if (cases[i].kind == STS_DOCUMENT_GARBLED)
            assert_non_null(strstr(failure.message, "nested"));
        credentials_free(&assumed.credentials);
        free(text);
    }
}

static void nothing_is_written_to_stderr(void **state)
{
    char path[] = "/tmp/xacct-stderr-XXXXXX";
    int file = mkstemp(path), saved = dup(STDERR_FILENO);
    off_t written;
    size_t i;

    (void)state;
    assert_true(file >= 0 && saved >= 0);
    unlink(path);
    dup2(file, STDERR_FILENO);
    for (i = 0; i < sizeof garbled / sizeof *garbled; i++) {
        struct sts_failure failure;
        struct sts_assumed assumed;

        read_text(garbled[i].text, &assumed, &failure);
    }
    fflush(stderr);
    written = lseek(file, 0, SEEK_END);
    dup2(saved, STDERR_FILENO);
    close(saved);
    close(file);
    assert_int_equal(written, 0);
}

static const struct {
    const char *text;
    time_t instant; /* -1: not one */
} instants[] = {
    {"2026-01-02T03:04:05Z", 1767323045},
    {"2026-01-02T03:04:05.000Z", 1767323045},
    {"2026-01-02T03:04:05.999999999Z", 1767323045},
    {"1970-01-01T00:00:00Z", 0},
    {"2028-02-29T23:59:59Z", 1835481599},
    {"2100-01-01T00:00:00Z", 4102444800},
    {"", -1},
    {"2026-01-02", -1},
    {"2026-01-02T03:04:05", -1},
    {"2026-01-02T03:04:05+00:00", -1},
    {"2026-01-02 03:04:05Z", -1},
    {"2026-1-2T03:04:05Z", -1},
    {"2026-13-02T03:04:05Z", -1},
    {"2027-02-29T03:04:05Z", -1},
    {"2026-01-02T24:04:05Z", -1},
    {"2026-01-02T03:04:05ZZ", -1},
    {"-026-01-02T03:04:05Z", -1},
};

static void instants_are_read_strictly(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof instants / sizeof *instants; i++) {
        time_t instant = -1;
        int error = instant_read(instants[i].text, &instant);

        assert_int_equal(error, instants[i].instant == -1 ? EINVAL : 0);
        if (error == 0)
            assert_int_equal(instant, instants[i].instant);
    }
}

/* What GetCallerIdentity answers, and what must not pass for it. */
static const struct {
    const char *text;
    enum sts_document document;
    const char *arn;
    const char *said; /* in the failure's message, or its code */
} callers[] = {
    {"<GetCallerIdentityResponse" AWS_NS "><GetCallerIdentityResult>"
     "<Arn>arn:aws:iam::111122223333:user/bastion</Arn><UserId>AIDA</UserId>"
     "<Account>111122223333</Account></GetCallerIdentityResult><ResponseMetadata>"
     "<RequestId>r-1</RequestId></ResponseMetadata></GetCallerIdentityResponse>",
     STS_DOCUMENT_RESULT, "arn:aws:iam::111122223333:user/bastion", ""},
    {"<GetCallerIdentityResponse/>", STS_DOCUMENT_GARBLED, "", "without a usable Arn"},
    {"<GetCallerIdentityResponse><GetCallerIdentityResult><Arn></Arn></GetCallerIdentityResult>"
     "</GetCallerIdentityResponse>",
     STS_DOCUMENT_GARBLED, "", "without a usable Arn"},
    {RESULT("", KEYS TOKEN EXPIRATION), STS_DOCUMENT_GARBLED, "", "neither GetCallerIdentity"},
    {"<ErrorResponse><Error><Code>ExpiredToken</Code></Error></ErrorResponse>", STS_DOCUMENT_ERROR,
     "", "ExpiredToken"},
    {"<html>Log in</html>", STS_DOCUMENT_GARBLED, "", "neither GetCallerIdentity"},
    {"", STS_DOCUMENT_GARBLED, "", ""},
};

static void who_signs_is_read(void **state)
{
    struct sts_failure failure;
    struct sts_caller caller;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof callers / sizeof *callers; i++) {
        memset(&failure, 0, sizeof failure);
        assert_int_equal(
            sts_xml_read_caller(callers[i].text, strlen(callers[i].text), &caller, &failure),
            callers[i].document);
        assert_string_equal(caller.arn, callers[i].arn);
        assert_true(strstr(failure.message, callers[i].said) != NULL ||
                    strcmp(failure.code, callers[i].said) == 0);
        if (callers[i].document != STS_DOCUMENT_RESULT)
            continue;
        assert_string_equal(caller.account, "111122223333");
        assert_string_equal(caller.request_id, "r-1");
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_of_aws_is_read_whole),
        cmocka_unit_test(the_results_of_a_proof_are_read_whole),
        cmocka_unit_test(a_result_of_ceph_is_read_whole),
        cmocka_unit_test(the_layout_of_a_result_does_not_matter),
        cmocka_unit_test(errors_are_read_from_either_shape),
        cmocka_unit_test(what_is_no_answer_of_sts_is_garbled),
        cmocka_unit_test(a_document_nested_too_deep_is_garbled),
        cmocka_unit_test(nothing_is_written_to_stderr),
        cmocka_unit_test(instants_are_read_strictly),
        cmocka_unit_test(who_signs_is_read),
    };

    return cmocka_run_group_tests(tests, open_arena, close_arena);
}
