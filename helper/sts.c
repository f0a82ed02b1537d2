/*
 * One call of AssumeRole or its like: body, signature, request, answer.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/sts.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <time.h>

#include "helper/aws_clock.h"
#include "helper/endpoint.h"
#include "helper/http.h"
#include "helper/metrics.h"
#include "helper/sigv4.h"
#include "helper/sts_explain.h"
#include "helper/sts_xml.h"
#include "helper/xml.h"

#define CONTENT_TYPE  "application/x-www-form-urlencoded; charset=utf-8"
#define ANSWER_MAX    ((size_t)256 * 1024) /* bytes; a real answer has about two thousand */
#define EXCERPT_MAX   ((size_t)160)        /* bytes of a garbled answer that are shown */
#define PROOF_BEGIN   ((size_t)24)         /* bytes of a proof by which a part of it is known */
#define ENDPOINT_SIZE ((size_t)512)
#define NS_PER_US     1000

/* What one call is made of. */
struct call {
    const struct credentials *base; /* NULL where the call is not signed, */
    const struct secret *proof;     /* which then has this */
    char endpoint[ENDPOINT_SIZE];
    struct http_target target;
    struct secret body;
    struct secret token_header; /* the header with the session token; empty for a long-term key */
    char date_header[sizeof "X-Amz-Date: " + SIGV4_DATE_SIZE];
    char authorization_header[sizeof "Authorization: " + SIGV4_AUTHORIZATION_SIZE];
    struct http_response response;
    struct sts_circumstances circumstances;
};

static const enum sts_kind kind_of_outcome[] = {
    [HTTP_ANSWERED] = STS_GARBLED, /* only when the answer is not one of STS */
    [HTTP_TIMED_OUT] = STS_TIMED_OUT, [HTTP_UNREACHABLE] = STS_UNREACHABLE,
    [HTTP_UNTRUSTED] = STS_UNTRUSTED, [HTTP_TOO_LARGE] = STS_GARBLED,
    [HTTP_TRUNCATED] = STS_GARBLED,   [HTTP_GARBLED] = STS_GARBLED,
    [HTTP_FAILED] = STS_INTERNAL,
};

int sts_fail(struct sts_failure *failure, enum sts_kind kind, const char *format, ...)
{
    va_list arguments;

    *failure = (struct sts_failure){.kind = kind};
    va_start(arguments, format);
    vsnprintf(failure->text, sizeof failure->text, format, arguments);
    va_end(arguments);
    return EIO;
}

/* Sets the failure of a call that never went out. Returns EIO. */
static int fail_internally(struct sts_failure *failure, const char *what)
{
    failure->kind = STS_INTERNAL;
    snprintf(failure->message, sizeof failure->message, "%s", what);
    return EIO;
}

/* Finds out whom to ask. Returns 0, or EIO with the failure set. */
static int find_endpoint(const struct sts *sts, struct call *call, struct sts_failure *failure)
{
    const char *given = sts->endpoint != NULL ? sts->endpoint : "";

    snprintf(call->endpoint, sizeof call->endpoint, "%s", given);
    if (sts->endpoint == NULL &&
        endpoint_find(ENDPOINT_STS, sts->region, sts->fips, sts->dual_stack, call->endpoint,
                      sizeof call->endpoint) != 0) {
        snprintf(call->endpoint, sizeof call->endpoint, "region %s", sts->region);
        return fail_internally(failure, "no AWS partition has a region of this form; correct "
                                        "`region =`, or name an endpoint with `sts_endpoint =`");
    }
    if (strlen(given) >= sizeof call->endpoint || http_target(call->endpoint, &call->target) != 0)
        return fail_internally(failure, "the endpoint is not an http or https URL without user, "
                                        "query and fragment; correct `sts_endpoint =`");
    return 0;
}

/* Signs the body and makes the headers. Returns 0, or EIO with the failure set. */
static int sign(const struct sts *sts, struct call *call, struct sts_failure *failure)
{
    const struct secret *token = &call->base->session_token;
    struct sigv4_signature signature;
    struct sigv4_request request = {
        .host = call->target.host,
        .path = call->target.path,
        .content_type = CONTENT_TYPE,
        .body = call->body.bytes,
        .body_length = call->body.length,
        .region = sts->region,
        .service = "sts",
        .now = aws_clock_now(),
    };

    if (sigv4_sign(&request, call->base, &signature) != 0)
        return fail_internally(failure, "the request could not be signed");
    snprintf(call->date_header, sizeof call->date_header, "X-Amz-Date: %s", signature.date);
    snprintf(call->authorization_header, sizeof call->authorization_header, "Authorization: %s",
             signature.authorization);
    if (token->length == 0)
        return 0;
    if (http_secret_header("X-Amz-Security-Token: ", token, &call->token_header) != 0)
        return fail_internally(failure, "there is no secret memory left");
    return 0;
}

/* What nobody can read is not asked for. */
static const char *get_ready_to_read(void)
{
    return xml_start() == 0 ? NULL : "libxml2 cannot be loaded";
}

static void post(const struct sts *sts, struct call *call, struct deadline deadline)
{
    struct http_request request = {
        .url = call->endpoint,
        .headers = {"Content-Type: " CONTENT_TYPE},
        .body = call->body.bytes,
        .body_length = call->body.length,
        .ca_bundle = sts->ca_bundle,
        .proxy = sts->proxy,
        .get_ready = get_ready_to_read,
        .largest = ANSWER_MAX,
    };

    if (call->base != NULL) {
        request.headers[1] = call->date_header;
        request.headers[2] = call->authorization_header;
        request.headers[3] = call->token_header.bytes;
    }
    http_perform(&request, deadline, &call->response);
    call->circumstances.server = call->response.date;
}

static bool contains(const struct secret *text, const void *bytes, size_t length)
{
    return length > 0 && memmem(text->bytes, text->length, bytes, length) != NULL;
}

/* Whether the text holds the word, whatever the case of either. */
static bool mentions(const struct secret *text, const char *word)
{
    size_t length = strlen(word), i;

    for (i = 0; i + length <= text->length; i++)
        if (strncasecmp(text->bytes + i, word, length) == 0)
            return true;
    return false;
}

/* Whether the text holds what the call was made with. Of a long proof, errors quote the beginning.
 */
static bool holds_secrets(const struct call *call, const struct secret *text)
{
    const struct secret *proof = call->proof;

    if (call->base == NULL)
        return contains(text, proof->bytes,
                        proof->length < PROOF_BEGIN ? proof->length : PROOF_BEGIN);
    return contains(text, call->base->session_token.bytes, call->base->session_token.length) ||
           contains(text, call->base->secret_access_key.bytes,
                    call->base->secret_access_key.length);
}

/*
 * Whether a part of the answer may be shown: not when it can hold credentials, be it those of the
 * role in half a document, be it ours in the page of a proxy that shows the request it was sent.
 * NUL bytes are UTF-16, in which the words would be missed.
 */
static bool may_be_shown(const struct call *call)
{
    static const char *const words[] = {"SecretAccessKey", "SessionToken", "Security-Token",
                                        "WebIdentityToken", "SAMLAssertion"};
    const struct secret *text = &call->response.body;
    size_t i;

    for (i = 0; i < sizeof words / sizeof *words; i++)
        if (mentions(text, words[i]))
            return false;
    return !contains(text, "", 1) && !holds_secrets(call, text);
}

/* Adds to the message what the garbled answer looks like. */
static void describe_garbled(const struct call *call, struct sts_failure *failure)
{
    const struct secret *body = &call->response.body;
    size_t used = strlen(failure->message);

    used += (size_t)snprintf(failure->message + used, sizeof failure->message - used,
                             "; %zu bytes of type %s", body->length,
                             call->response.content_type[0] != '\0' ? call->response.content_type
                                                                    : "unknown");
    if (body->length == 0)
        return;
    if (may_be_shown(call))
        snprintf(failure->message + used, sizeof failure->message - used, ", beginning: %.*s",
                 (int)(body->length < EXCERPT_MAX ? body->length : EXCERPT_MAX), body->bytes);
    else
        snprintf(failure->message + used, sizeof failure->message - used,
                 ", not shown since they may hold credentials");
}

/* What an answer is read into: one of these, the other being NULL. */
struct result {
    struct sts_assumed *assumed;
    struct sts_caller *caller;
};

/* Reads the document of an answer into the result. */
static enum sts_document read_document(const struct call *call, const struct result *result,
                                       struct sts_failure *failure)
{
    const struct secret *body = &call->response.body;
    const char *request_id = call->response.request_id;
    enum sts_document document =
        result->caller != NULL
            ? sts_xml_read_caller(body->bytes, body->length, result->caller, failure)
            : sts_xml_read(body->bytes, body->length, result->assumed, failure);
    char *own = document != STS_DOCUMENT_RESULT ? failure->request_id
                : result->caller != NULL        ? result->caller->request_id
                                                : result->assumed->request_id;

    if (own[0] == '\0')
        snprintf(own, sizeof failure->request_id, "%s", request_id);
    return document;
}

/* Reads the answer. Returns 0 with the result filled, or EIO with the failure set. */
static int read_answer(struct call *call, const struct result *result, struct sts_failure *failure)
{
    const struct http_response *response = &call->response;
    enum sts_document document;

    failure->http_status = response->status;
    if (response->outcome != HTTP_ANSWERED) {
        failure->kind = kind_of_outcome[response->outcome];
        snprintf(failure->message, sizeof failure->message, "%s", response->why);
        return EIO;
    }
    document = read_document(call, result, failure);
    if (document == STS_DOCUMENT_RESULT)
        return 0;
    if (document == STS_DOCUMENT_ERROR) {
        failure->kind = sts_classify(failure->code, failure->message, response->status);
        failure->clock_known = failure->kind == STS_CLOCK && response->date != 0;
        if (failure->clock_known)
            failure->clock_ahead = (long)(response->date - call->circumstances.local);
        if (failure->kind == STS_BASE_INVALID && call->base == NULL)
            failure->kind = STS_PROOF_INVALID;
        if (!may_be_shown(call))
            snprintf(failure->message, sizeof failure->message,
                     "(not shown since it may hold credentials)");
        return EIO;
    }
    failure->kind = response->status == 429   ? STS_THROTTLED
                    : response->status >= 500 ? STS_TRANSIENT
                                              : STS_GARBLED;
    describe_garbled(call, failure);
    return EIO;
}

/* Sends what is prepared and reads the answer, and counts it. Returns as read_answer. */
static int exchange(const struct sts *sts, struct call *call, struct deadline deadline,
                    const struct result *result, struct sts_failure *failure)
{
    const struct deadline began = deadline_in_ms(0);
    int error;

    post(sts, call, deadline);
    error = read_answer(call, result, failure);
    metrics_count_sts(sts->region, error == 0 ? METRICS_STS_SUCCESS : failure->kind,
                      (deadline_in_ms(0).ns - began.ns) / NS_PER_US);
    return error;
}

/* Makes the call, whose circumstances and body are set; the caller's credentials sign it, if there
 * are some. Returns 0 with the result filled, or EIO with the failure explained. */
static int make_call(const struct sts *sts, struct call *call, struct deadline deadline,
                     const struct result *result, struct sts_failure *failure)
{
    int error = find_endpoint(sts, call, failure);

    if (error == 0 && call->body.bytes == NULL)
        error = fail_internally(failure, "there is no secret memory left");
    if (error == 0 && call->base != NULL)
        error = sign(sts, call, failure);
    if (error == 0)
        error = exchange(sts, call, deadline, result, failure);
    if (error != 0)
        sts_explain(&call->circumstances, failure);
    secret_free(&call->body);
    secret_free(&call->token_header);
    secret_free(&call->response.body);
    return error;
}

int sts_assume_role(const struct sts *sts, const struct credentials *base,
                    const struct sts_assume_role *parameters, struct deadline deadline,
                    struct sts_assumed *assumed, struct sts_failure *failure)
{
    const struct result result = {.assumed = assumed};
    struct call call = {.base = base, .proof = parameters->proof};

    memset(assumed, 0, sizeof *assumed);
    memset(failure, 0, sizeof *failure);
    call.circumstances = (struct sts_circumstances){
        .endpoint = call.endpoint,
        .region = sts->region,
        .action = parameters->action,
        .role_arn = parameters->role_arn,
        .access_key_id = base != NULL ? base->access_key_id : NULL,
        .signer = sts->signer,
        .local = time(NULL),
    };
    if (sts_body(parameters, &call.body) != 0)
        call.body = (struct secret){NULL, 0};
    return make_call(sts, &call, deadline, &result, failure);
}

int sts_caller_identity(const struct sts *sts, const struct credentials *base,
                        struct deadline deadline, struct sts_caller *caller,
                        struct sts_failure *failure)
{
    static const char body[] = "Action=GetCallerIdentity&Version=2011-06-15";
    const struct result result = {.caller = caller};
    struct call call = {.base = base};
    int error;

    memset(caller, 0, sizeof *caller);
    memset(failure, 0, sizeof *failure);
    call.circumstances = (struct sts_circumstances){
        .endpoint = call.endpoint,
        .region = sts->region,
        .action = STS_CALLER_IDENTITY,
        .access_key_id = base->access_key_id,
        .signer = sts->signer,
        .local = time(NULL),
    };
    if (secret_new(&call.body, sizeof body - 1) == 0)
        memcpy(call.body.bytes, body, sizeof body - 1);
    error = make_call(sts, &call, deadline, &result, failure);
    caller->clock_known = call.response.date != 0;
    if (caller->clock_known)
        caller->clock_ahead = (long)(call.response.date - call.circumstances.local);
    return error;
}
