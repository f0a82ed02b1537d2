/*
 * Errors of STS, classified and explained.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/sts_explain.h"

#include <ctype.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"

/* The longest that one foreign text gets, so that the advice behind it is never cut off. */
#define SHOWN_ARN     ((size_t)256)
#define SHOWN_MESSAGE ((size_t)900)
#define SHOWN_SHORT   ((size_t)160)

/* A text being written to a buffer; what does not fit is left out. */
struct report {
    char *text;
    size_t size;
    size_t used;
};

struct explanation {
    struct report report;
    const struct sts_circumstances *circumstances;
    const struct sts_failure *failure;
};

static const struct {
    const char *code; /* without "Exception" at its end */
    enum sts_kind kind;
} codes[] = {
    {"AccessDenied", STS_REFUSED},
    {"NoSuchEntity", STS_REFUSED},
    {"Throttling", STS_THROTTLED},
    {"Throttled", STS_THROTTLED},
    {"RequestThrottled", STS_THROTTLED},
    {"RequestLimitExceeded", STS_THROTTLED},
    {"TooManyRequests", STS_THROTTLED},
    {"LimitExceeded", STS_THROTTLED},
    {"BandwidthLimitExceeded", STS_THROTTLED},
    {"SlowDown", STS_THROTTLED},
    {"ServiceUnavailable", STS_TRANSIENT},
    {"InternalFailure", STS_TRANSIENT},
    {"InternalError", STS_TRANSIENT},
    {"RequestTimeout", STS_TRANSIENT},
    {"IDPCommunicationError", STS_TRANSIENT},
    {"IDPRejectedClaim", STS_PROOF_INVALID},
    {"InvalidIdentityToken", STS_PROOF_INVALID},
    {"PriorRequestNotComplete", STS_TRANSIENT},
    {"ExpiredToken", STS_BASE_INVALID},
    {"InvalidToken", STS_BASE_INVALID},
    {"InvalidClientTokenId", STS_BASE_INVALID},
    {"InvalidAccessKeyId", STS_BASE_INVALID},
    {"UnrecognizedClient", STS_BASE_INVALID},
    {"AuthFailure", STS_BASE_INVALID},
    {"MissingAuthenticationToken", STS_BASE_INVALID},
    {"IncompleteSignature", STS_BASE_INVALID},
    {"SignatureDoesNotMatch", STS_BASE_INVALID},
    {"RequestExpired", STS_CLOCK},
    {"RequestTimeTooSkewed", STS_CLOCK},
    {"ValidationError", STS_ILLEGAL},
    {"Validation", STS_ILLEGAL},
    {"MalformedPolicyDocument", STS_ILLEGAL},
    {"PackedPolicyTooLarge", STS_ILLEGAL},
    {"InvalidParameterValue", STS_ILLEGAL},
    {"InvalidParameterCombination", STS_ILLEGAL},
    {"InvalidArgument", STS_ILLEGAL},
    {"MissingParameter", STS_ILLEGAL},
    {"InvalidAction", STS_ILLEGAL},
    {"RegionDisabled", STS_REGION},
    {"OptInRequired", STS_REGION},
};

/* Whether `code` is `name`, or that with "Exception" behind it. */
static bool code_is(const char *code, const char *name)
{
    size_t length = strlen(name);

    return strncmp(code, name, length) == 0 &&
           (code[length] == '\0' || strcmp(code + length, "Exception") == 0);
}

enum sts_kind sts_classify(const char *code, const char *message, long http_status)
{
    size_t i;

    if (code_is(code, "SignatureDoesNotMatch") && (strstr(message, "Signature expired") != NULL ||
                                                   strstr(message, "not yet current") != NULL))
        return STS_CLOCK;
    for (i = 0; i < sizeof codes / sizeof *codes; i++)
        if (code_is(code, codes[i].code))
            return codes[i].kind;
    return http_status >= 500 ? STS_TRANSIENT : STS_REFUSED;
}

__attribute__((format(printf, 2, 3))) static void add(struct report *report, const char *format,
                                                      ...)
{
    va_list arguments;
    int length;

    va_start(arguments, format);
    length = vsnprintf(report->text + report->used, report->size - report->used, format, arguments);
    va_end(arguments);
    if (length > 0)
        report->used += (size_t)length;
    if (report->used >= report->size)
        report->used = report->size - 1;
}

/* The twelve digits of an ARN, escaped; "the role" has one field of it. */
static char *account_of(const char *arn, char account[SHOWN_SHORT])
{
    size_t length;
    int colons;

    for (colons = 0; colons < 4 && arn != NULL; colons++) {
        arn = strchr(arn, ':');
        if (arn != NULL)
            arn++;
    }
    if (arn == NULL)
        return escape(account, SHOWN_SHORT, "(unknown)");
    length = strcspn(arn, ":");
    return escape_bytes(account, SHOWN_SHORT, arn, length);
}

/* A call that is not signed: what the trust policy says of the identity provider decides alone. */
static void advise_refused_proof(struct explanation *explanation)
{
    const bool is_saml = explanation->circumstances->action == STS_WITH_SAML;
    char account[SHOWN_SHORT];

    add(&explanation->report,
        ". The trust policy of the role, in account %s, must allow sts:%s to the IAM identity "
        "provider (Principal, Federated) that issued the %s, and each of its conditions on %s must "
        "be met",
        account_of(explanation->circumstances->role_arn, account),
        sts_action_name(explanation->circumstances->action), is_saml ? "assertion" : "token",
        is_saml ? "SAML:aud, SAML:iss or SAML:sub" : "aud, sub or azp");
}

/* Whose credentials sign the call: those of a base, or of a role in front. */
static char *show_signer(const struct explanation *explanation, char shown[SHOWN_SHORT])
{
    const char *signer = explanation->circumstances->signer;
    char title[SHOWN_SHORT - 2];

    if (signer == NULL)
        return strcpy(shown, "this host");
    snprintf(shown, SHOWN_SHORT, "[%s]", escape(title, sizeof title, signer));
    return shown;
}

static void advise_refused(struct explanation *explanation)
{
    static const struct {
        const char *action;
        const char *more;
    } actions[] = {
        {"sts:TagSession", ""},
        {"sts:SetSourceIdentity",
         "; or write `source_identity = no` in its [role] or [account], and none is sent"},
        {"sts:AssumeRole",
         "; a condition on sts:ExternalId there must equal what `external_id =` says"},
    };
    const char *message = explanation->failure->message;
    struct report *report = &explanation->report;
    char account[SHOWN_SHORT], signer[SHOWN_SHORT];
    size_t i;

    if (explanation->circumstances->action == STS_CALLER_IDENTITY) {
        add(report,
            ". It needs no permission: a policy of the organization, of the VPC endpoint or "
            "of a gateway on the way forbids it");
        return;
    }
    if (explanation->circumstances->action != STS_ASSUME_ROLE) {
        advise_refused_proof(explanation);
        return;
    }
    account_of(explanation->circumstances->role_arn, account);
    show_signer(explanation, signer);
    for (i = 0; i < sizeof actions / sizeof *actions; i++) {
        if (strstr(message, actions[i].action) == NULL)
            continue;
        add(report,
            ". Both of these must allow %s: the trust policy of the role, in account %s, to the "
            "principal of %s; and the identity policy of that principal, on the role's ARN%s",
            actions[i].action, account, signer, actions[i].more);
        break;
    }
    if (i == sizeof actions / sizeof *actions)
        add(report,
            ". STS does not say why: see that the role exists in account %s, that its trust policy "
            "names the principal of %s and, where it asks for an external id, the one that "
            "`external_id =` says, and that the identity policy of that principal allows "
            "sts:AssumeRole on it",
            account, signer);
    if (strstr(message, "explicit deny") != NULL)
        add(report, ". An explicit deny outweighs every statement that allows: look for it in the "
                    "policy that the message names");
}

static void advise_illegal(struct explanation *explanation)
{
    static const struct {
        const char *word; /* in code or message */
        const char *advice;
    } advices[] = {
        {"MaxSessionDuration",
         "Lower `duration =` of the role, or raise its maximum session duration in AWS"},
        {"role chaining", "The base credentials are themselves those of a role, which STS lets "
                          "assume another for one hour: set `duration = 1h` or less"},
        {"durationSeconds", "Correct `duration =`: from 15m to what the role allows, 12h at most"},
        {"PackedPolicyTooLarge", "Shorten the session policy, `policy_arns =` or `tags =`; they "
                                 "are a guard, so none is left out"},
        {"MalformedPolicyDocument", "Correct the session policy in the file that `policy =` names"},
        {"externalId", "Correct `external_id =` of the role or account"},
        {"roleSessionName", "Correct `session_name =` of the role or account"},
        {"sourceIdentity", "STS does not take this source identity"},
        {"policyArns", "Correct `policy_arns =` of the role or account"},
        {"transitiveTagKeys", "Correct `transitive_tags =` of the role or account"},
        {"tags", "Correct `tags =` of the role or account"},
        {"roleArn", "Correct `name =` or `arn =` of the role"},
    };
    const struct sts_failure *failure = explanation->failure;
    const char *per_cent = strchr(failure->message, '%');
    struct report *report = &explanation->report;
    size_t i;

    for (i = 0; i < sizeof advices / sizeof *advices; i++)
        if (strcasestr(failure->code, advices[i].word) != NULL ||
            strcasestr(failure->message, advices[i].word) != NULL)
            break;
    add(report, ". %s",
        i < sizeof advices / sizeof *advices ? advices[i].advice
                                             : "Correct what the role's section says");
    if (!code_is(failure->code, "PackedPolicyTooLarge") || per_cent == NULL)
        return;
    while (per_cent > failure->message && isdigit((unsigned char)per_cent[-1]))
        per_cent--;
    if (isdigit((unsigned char)*per_cent))
        add(report, " (they take %ld%% of what STS packs)", strtol(per_cent, NULL, 10));
}

/* An instant as "2026-01-02T03:04:05Z". */
static char *show_instant(time_t instant, char text[SHOWN_SHORT])
{
    struct tm utc;

    if (gmtime_r(&instant, &utc) == NULL ||
        strftime(text, SHOWN_SHORT, "%Y-%m-%dT%H:%M:%SZ", &utc) == 0)
        snprintf(text, SHOWN_SHORT, "%lld", (long long)instant);
    return text;
}

static void advise_clock(struct explanation *explanation)
{
    const struct sts_circumstances *circumstances = explanation->circumstances;
    long long ahead = (long long)circumstances->local - (long long)circumstances->server;
    struct report *report = &explanation->report;
    char local[SHOWN_SHORT], server[SHOWN_SHORT];

    add(report, ". This host's clock said %s", show_instant(circumstances->local, local));
    if (circumstances->server != 0)
        add(report, ", the server's %s, so this host is %lld s %s",
            show_instant(circumstances->server, server), llabs(ahead),
            ahead >= 0 ? "ahead" : "behind");
    add(report, "; AWS allows five minutes. Set this host's clock, and keep it by NTP");
}

static void advise_region(struct explanation *explanation)
{
    char region[SHOWN_SHORT], account[SHOWN_SHORT];

    add(&explanation->report,
        ". Activate STS for region %s in account %s (IAM, account settings), or name another with "
        "`region =` in [xacct]; a region that must be opted into must be so in both accounts",
        escape(region, sizeof region, explanation->circumstances->region),
        account_of(explanation->circumstances->role_arn, account));
}

static void advise_base(struct explanation *explanation)
{
    char key_id[SHOWN_SHORT], signer[SHOWN_SHORT];

    add(&explanation->report,
        ". It is about the credentials of %s, access key id %s: see that they have not expired, "
        "are active, whole and of this partition, and renew them where it has them from",
        show_signer(explanation, signer),
        escape(key_id, sizeof key_id, explanation->circumstances->access_key_id));
}

static void advise_proof(struct explanation *explanation)
{
    char account[SHOWN_SHORT];

    account_of(explanation->circumstances->role_arn, account);
    if (explanation->circumstances->action == STS_WITH_SAML)
        add(&explanation->report,
            ". It is about the SAML assertion: AWS takes it for five minutes after it was issued, "
            "and the SAML provider in account %s must have the metadata of whoever signed it. "
            "Logging in again brings a new one",
            account);
    else
        add(&explanation->report,
            ". It is about the token: see that it has not expired, and that account %s has an "
            "OpenID Connect provider with the token's issuer (iss) and audience (aud) that can be "
            "reached from AWS. A user's own is renewed by logging in again, that of a [base] by "
            "whatever writes its `token_file`",
            account);
}

/* What each kind is called, and what to do about it: a sentence, or a function that makes one. */
static const struct {
    enum status status;
    const char *what;
    const char *advice;
    void (*advise)(struct explanation *explanation);
} kinds[STS_KIND_COUNT] = {
    [STS_REFUSED] = {STATUS_MISCONFIGURED, "refused", NULL, advise_refused},
    [STS_THROTTLED] = {STATUS_UNAVAILABLE, "throttled",
                       "Too many calls are made in the account; a later login may succeed", NULL},
    [STS_TRANSIENT] = {STATUS_UNAVAILABLE, "the service failed",
                       "Nothing is wrong on this host; try again later", NULL},
    [STS_BASE_INVALID] = {STATUS_MISCONFIGURED, "the base credentials were not accepted", NULL,
                          advise_base},
    [STS_PROOF_INVALID] = {STATUS_DENIED, "what proves the identity was not accepted", NULL,
                           advise_proof},
    [STS_CLOCK] = {STATUS_MISCONFIGURED, "the clocks differ", NULL, advise_clock},
    [STS_ILLEGAL] = {STATUS_MISCONFIGURED, "a parameter was not accepted", NULL, advise_illegal},
    [STS_REGION] = {STATUS_MISCONFIGURED, "STS is not active in the region", NULL, advise_region},
    [STS_GARBLED] = {STATUS_UNAVAILABLE, "what came back is no answer of STS",
                     "See that `sts_endpoint =` is right, and whether a proxy or a login page "
                     "stands in between",
                     NULL},
    [STS_TIMED_OUT] = {STATUS_UNAVAILABLE, "no answer in time",
                       "See that this host reaches the endpoint, and DNS; `timeout =` bounds the "
                       "wait",
                       NULL},
    [STS_UNREACHABLE] = {STATUS_UNAVAILABLE, "not reached",
                         "See DNS, routes and firewalls on the way", NULL},
    [STS_UNTRUSTED] = {STATUS_MISCONFIGURED, "the TLS certificate is not trusted",
                       "Where the endpoint has a private CA, or a proxy opens TLS, name a PEM file "
                       "with that CA in `ca_bundle =` of [xacct]; and see this host's clock",
                       NULL},
    [STS_INTERNAL] = {STATUS_UNAVAILABLE, "the call could not be made", NULL, NULL},
};

enum status sts_failure_status(enum sts_kind kind)
{
    return kinds[kind].status;
}

void sts_explain(const struct sts_circumstances *circumstances, struct sts_failure *failure)
{
    struct explanation explanation = {
        .report = {failure->text, sizeof failure->text, 0},
        .circumstances = circumstances,
        .failure = failure,
    };
    struct report *report = &explanation.report;
    char arn[SHOWN_ARN], endpoint[SHOWN_ARN], short_text[SHOWN_SHORT], message[SHOWN_MESSAGE];
    const char *separator = " (";
    size_t length = strlen(failure->message);

    /* Our advice begins with a full stop of its own. */
    if (length > 0 && failure->message[length - 1] == '.')
        length--;
    add(report, "%s", sts_action_name(circumstances->action));
    if (circumstances->action != STS_CALLER_IDENTITY)
        add(report, " of %s", escape(arn, sizeof arn, circumstances->role_arn));
    add(report, " at %s: %s", escape(endpoint, sizeof endpoint, circumstances->endpoint),
        kinds[failure->kind].what);
    if (failure->code[0] != '\0')
        add(report, ": %s", escape(short_text, sizeof short_text, failure->code));
    if (failure->http_status != 0) {
        add(report, "%sHTTP status %ld", separator, failure->http_status);
        separator = ", ";
    }
    if (failure->request_id[0] != '\0') {
        add(report, "%srequest id %s", separator,
            escape(short_text, sizeof short_text, failure->request_id));
        separator = ", ";
    }
    if (strcmp(separator, ", ") == 0)
        add(report, ")");
    if (length > 0)
        add(report, ": %s", escape_bytes(message, sizeof message, failure->message, length));
    if (kinds[failure->kind].advise != NULL)
        kinds[failure->kind].advise(&explanation);
    else if (kinds[failure->kind].advice != NULL)
        add(report, ". %s", kinds[failure->kind].advice);
}
