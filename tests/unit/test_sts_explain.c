/*
 * What a failure comes to, and what an admin is told to do about it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "helper/sts_explain.h"

static const struct {
    const char *code;
    const char *message;
    long status;
    enum sts_kind kind;
} classified[] = {
    {"AccessDenied", "", 403, STS_REFUSED},
    {"AccessDeniedException", "", 403, STS_REFUSED},
    {"AccessDenied", "", 500, STS_REFUSED},
    {"Throttling", "Rate exceeded", 400, STS_THROTTLED},
    {"ThrottlingException", "", 400, STS_THROTTLED},
    {"SlowDown", "", 503, STS_THROTTLED},
    {"ServiceUnavailable", "", 503, STS_TRANSIENT},
    {"InternalFailure", "", 500, STS_TRANSIENT},
    {"ExpiredToken", "", 403, STS_BASE_INVALID},
    {"ExpiredTokenException", "", 400, STS_BASE_INVALID},
    {"InvalidClientTokenId", "", 403, STS_BASE_INVALID},
    {"SignatureDoesNotMatch", "The request signature we calculated does not match", 403,
     STS_BASE_INVALID},
    {"SignatureDoesNotMatch",
     "Signature expired: 20260102T030405Z is now earlier than 20260102T040405Z "
     "(20260102T041905Z - 15 min.)",
     403, STS_CLOCK},
    {"SignatureDoesNotMatch", "Signature not yet current: 20260102T050405Z is still later than ...",
     403, STS_CLOCK},
    {"RequestExpired", "", 400, STS_CLOCK},
    {"RequestTimeTooSkewed", "", 403, STS_CLOCK},
    {"ValidationError", "", 400, STS_ILLEGAL},
    {"ValidationException", "", 400, STS_ILLEGAL},
    {"MalformedPolicyDocument", "", 400, STS_ILLEGAL},
    {"MalformedPolicyDocumentException", "", 400, STS_ILLEGAL},
    {"PackedPolicyTooLarge", "", 400, STS_ILLEGAL},
    {"RegionDisabled", "", 403, STS_REGION},
    {"RegionDisabledException", "", 403, STS_REGION},
    {"OptInRequired", "", 403, STS_REGION},
    {"IDPCommunicationError", "", 400, STS_TRANSIENT},
    {"IDPCommunicationErrorException", "", 400, STS_TRANSIENT},
    {"IDPRejectedClaim", "", 403, STS_PROOF_INVALID},
    {"IDPRejectedClaimException", "", 403, STS_PROOF_INVALID},
    {"InvalidIdentityToken", "", 400, STS_PROOF_INVALID},
    {"InvalidIdentityTokenException", "", 400, STS_PROOF_INVALID},
    {"NeverHeardOf", "", 400, STS_REFUSED},
    {"NeverHeardOf", "", 500, STS_TRANSIENT},
    {"AccessDeniedExceptionally", "", 500, STS_TRANSIENT},
};

static void errors_are_classified_by_code(void **state)
{
    size_t i;

    (void)state;
    for (i = 0; i < sizeof classified / sizeof *classified; i++)
        assert_int_equal(
            sts_classify(classified[i].code, classified[i].message, classified[i].status),
            classified[i].kind);
}

/* Runs sts_explain over the given failure, which is completed by the circumstances below. */
static void explain(enum sts_kind kind, const char *code, const char *message,
                    struct sts_failure *failure)
{
    static const struct sts_circumstances circumstances = {
        .endpoint = "https://sts.eu-west-1.amazonaws.com/",
        .region = "eu-west-1",
        .role_arn = "arn:aws:iam::111122223333:role/bastion/Auditor",
        .signer = "base hub",
        .access_key_id = "AKIABASE",
        .local = 1767326645,
        .server = 1767323045,
    };

    memset(failure, 0, sizeof *failure);
    failure->kind = kind;
    failure->http_status = 403;
    snprintf(failure->code, sizeof failure->code, "%s", code);
    snprintf(failure->message, sizeof failure->message, "%s", message);
    snprintf(failure->request_id, sizeof failure->request_id, "req-1");
    sts_explain(&circumstances, failure);
}

#define NOT_AUTHORIZED "User: arn:aws:iam::999900001111:user/b is not authorized to perform: "
#define WORDS_MAX      4

static const struct {
    enum sts_kind kind;
    const char *code;
    const char *message;
    const char *words[WORDS_MAX]; /* each of which the text must hold */
} explained[] = {
    {STS_REFUSED,
     "AccessDenied",
     NOT_AUTHORIZED "sts:TagSession on resource: r",
     {"must allow sts:TagSession", "trust policy of the role, in account 111122223333",
      "to the principal of [base hub]", "identity policy of that principal"}},
    {STS_REFUSED,
     "AccessDenied",
     NOT_AUTHORIZED "sts:SetSourceIdentity on resource: r",
     {"must allow sts:SetSourceIdentity", "in account 111122223333", "identity policy",
      "`source_identity = no`"}},
    {STS_REFUSED,
     "AccessDenied",
     NOT_AUTHORIZED "sts:AssumeRole on resource: r",
     {"must allow sts:AssumeRole", "111122223333", "`external_id =`"}},
    {STS_REFUSED,
     "AccessDenied",
     NOT_AUTHORIZED "sts:AssumeRole with an explicit deny in a service control policy",
     {"explicit deny outweighs"}},
    {STS_REFUSED,
     "AccessDenied",
     "",
     {"STS does not say why", "names the principal of [base hub]", "`external_id =`",
      "account 111122223333"}},
    {STS_ILLEGAL,
     "ValidationError",
     "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.",
     {"Lower `duration =`", "maximum session duration"}},
    {STS_ILLEGAL,
     "ValidationError",
     "The requested DurationSeconds exceeds the 1 hour session limit for roles assumed by role "
     "chaining",
     {"`duration = 1h`"}},
    {STS_ILLEGAL,
     "ValidationError",
     "1 validation error detected: Value '5' at 'durationSeconds' failed to satisfy constraint",
     {"Correct `duration =`"}},
    {STS_ILLEGAL,
     "ValidationError",
     "Value '' at 'externalId' failed to satisfy constraint: Member must have length greater than "
     "or equal to 2",
     {"`external_id =`"}},
    {STS_ILLEGAL,
     "PackedPolicyTooLarge",
     "Packed size of session tags consumes 112% of allotted space.",
     {"they take 112% of what STS packs", "none is left out"}},
    {STS_ILLEGAL, "MalformedPolicyDocument", "Syntax errors in policy.", {"file that `policy =`"}},
    {STS_REGION,
     "RegionDisabledException",
     "STS is not activated in this region for account:111122223333.",
     {"region eu-west-1", "account 111122223333"}},
    {STS_CLOCK,
     "SignatureDoesNotMatch",
     "Signature expired",
     {"clock said 2026-01-02T04:04:05Z", "the server's 2026-01-02T03:04:05Z", "3600 s ahead"}},
    {STS_BASE_INVALID,
     "InvalidClientTokenId",
     "",
     {"access key id AKIABASE", "credentials of [base hub]"}},
    {STS_UNTRUSTED, "", "self-signed certificate", {"`ca_bundle =`", "self-signed certificate"}},
    {STS_GARBLED, "", "its root element is neither", {"proxy", "`sts_endpoint =`"}},
    {STS_TIMED_OUT, "", "Operation timed out", {"no answer in time", "`timeout =`"}},
    {STS_UNREACHABLE, "", "Could not resolve host", {"DNS", "Could not resolve host"}},
    {STS_THROTTLED, "Throttling", "Rate exceeded", {"throttled: Throttling", "Rate exceeded"}},
    {STS_TRANSIENT, "ServiceUnavailable", "", {"ServiceUnavailable", "later"}},
};

static void assert_holds(const char *text, const char *words)
{
    if (strstr(text, words) == NULL)
        fail_msg("\"%s\" is not in \"%s\"", words, text);
}

static void each_failure_says_what_to_do(void **state)
{
    struct sts_failure failure;
    size_t i, j;

    (void)state;
    for (i = 0; i < sizeof explained / sizeof *explained; i++) {
        explain(explained[i].kind, explained[i].code, explained[i].message, &failure);
        assert_holds(failure.text, "arn:aws:iam::111122223333:role/bastion/Auditor at "
                                   "https://sts.eu-west-1.amazonaws.com/");
        assert_holds(failure.text, "(HTTP status 403, request id req-1)");
        assert_holds(failure.text, explained[i].code);
        assert_holds(failure.text, explained[i].message);
        assert_null(strstr(failure.text, ".."));
        for (j = 0; j < WORDS_MAX && explained[i].words[j] != NULL; j++)
            assert_holds(failure.text, explained[i].words[j]);
    }
}

static const struct {
    enum sts_action action;
    enum sts_kind kind;
    const char *code;
    const char *words[WORDS_MAX];
} explained_proofs[] = {
    {STS_WITH_WEB_IDENTITY,
     STS_PROOF_INVALID,
     "ExpiredTokenException",
     {"AssumeRoleWithWebIdentity of arn", "has not expired", "(iss)", "`token_file`"}},
    {STS_WITH_SAML,
     STS_PROOF_INVALID,
     "InvalidIdentityToken",
     {"AssumeRoleWithSAML of arn", "five minutes", "account 111122223333", "Logging in again"}},
    {STS_WITH_WEB_IDENTITY,
     STS_REFUSED,
     "AccessDenied",
     {"sts:AssumeRoleWithWebIdentity", "(Principal, Federated)", "trust policy", "aud, sub"}},
    {STS_WITH_SAML,
     STS_REFUSED,
     "AccessDenied",
     {"sts:AssumeRoleWithSAML", "SAML:aud", "account 111122223333"}},
};

static void a_failure_with_a_proof_says_whose_it_is(void **state)
{
    struct sts_circumstances circumstances = {
        .endpoint = "e", .region = "r", .role_arn = "arn:aws:iam::111122223333:role/R"};
    size_t i, j;

    (void)state;
    for (i = 0; i < sizeof explained_proofs / sizeof *explained_proofs; i++) {
        struct sts_failure failure = {.kind = explained_proofs[i].kind};

        circumstances.action = explained_proofs[i].action;
        snprintf(failure.code, sizeof failure.code, "%s", explained_proofs[i].code);
        sts_explain(&circumstances, &failure);
        for (j = 0; j < WORDS_MAX && explained_proofs[i].words[j] != NULL; j++)
            assert_holds(failure.text, explained_proofs[i].words[j]);
        assert_null(strstr(failure.text, "access key id"));
    }
}

static void every_failure_is_one_of_a_status(void **state)
{
    int kind;

    (void)state;
    for (kind = 0; kind < STS_KIND_COUNT; kind++)
        assert_int_not_equal(sts_failure_status((enum sts_kind)kind), STATUS_PERMITTED);
    assert_int_equal(sts_failure_status(STS_PROOF_INVALID), STATUS_DENIED);
    assert_int_equal(sts_failure_status(STS_TIMED_OUT), STATUS_UNAVAILABLE);
    assert_int_equal(sts_failure_status(STS_REFUSED), STATUS_MISCONFIGURED);
}

static void foreign_text_is_escaped(void **state)
{
    struct sts_failure failure;

    (void)state;
    explain(STS_REFUSED, "Access\033[2J", "line\nAug 1 sshd: root logged in", &failure);
    assert_holds(failure.text, "Access\\x1b[2J");
    assert_holds(failure.text, "line\\x0aAug 1 sshd");
    assert_null(strchr(failure.text, '\n'));
}

static void the_longest_foreign_texts_leave_room_for_the_advice(void **state)
{
    char message[sizeof((struct sts_failure *)0)->message], code[128];
    static const char end[] = "with an explicit deny for sts:SetSourceIdentity";
    char endpoint[600], arn[2049];
    struct sts_circumstances circumstances = {
        .endpoint = endpoint, .region = "r", .role_arn = arn, .access_key_id = "k"};
    struct sts_failure failure = {.kind = STS_REFUSED, .http_status = 403};

    (void)state;
    memset(message, '\n', sizeof message);
    memcpy(message + sizeof message - sizeof end, end, sizeof end);
    memset(code, '\n', sizeof code);
    memset(endpoint, '\n', sizeof endpoint);
    memset(arn, '\n', sizeof arn);
    memcpy(arn, "a:b:c:d:", 8);
    code[sizeof code - 1] = endpoint[sizeof endpoint - 1] = arn[sizeof arn - 1] = '\0';
    snprintf(failure.code, sizeof failure.code, "%s", code);
    snprintf(failure.message, sizeof failure.message, "%s", message);
    snprintf(failure.request_id, sizeof failure.request_id, "%s", code);
    sts_explain(&circumstances, &failure);
    assert_holds(failure.text, "`source_identity = no`");
    assert_holds(failure.text, "policy that the message names");
}

static void a_question_about_ourselves_names_no_role(void **state)
{
    const struct sts_circumstances circumstances = {.endpoint = "https://sts.example",
                                                    .region = "r",
                                                    .action = STS_CALLER_IDENTITY,
                                                    .access_key_id = "AKIA",
                                                    .signer = "base"};
    struct sts_failure failure = {.kind = STS_REFUSED, .http_status = 403, .code = "AccessDenied"};

    (void)state;
    sts_explain(&circumstances, &failure);
    assert_holds(failure.text, "GetCallerIdentity at https://sts.example: refused: AccessDenied");
    assert_holds(failure.text, "It needs no permission");
    assert_null(strstr(failure.text, "trust policy"));
    failure.kind = STS_BASE_INVALID;
    sts_explain(&circumstances, &failure);
    assert_holds(failure.text, "the credentials of [base], access key id AKIA");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(errors_are_classified_by_code),
        cmocka_unit_test(each_failure_says_what_to_do),
        cmocka_unit_test(a_failure_with_a_proof_says_whose_it_is),
        cmocka_unit_test(every_failure_is_one_of_a_status),
        cmocka_unit_test(foreign_text_is_escaped),
        cmocka_unit_test(the_longest_foreign_texts_leave_room_for_the_advice),
        cmocka_unit_test(a_question_about_ourselves_names_no_role),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
