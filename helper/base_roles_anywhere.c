/*
 * Base credentials by an X.509 certificate, for hosts outside AWS: CreateSession of IAM Roles
 * Anywhere, signed with a key in a file or in a PKCS#11 token.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/escape.h"
#include "helper/aws_clock.h"
#include "helper/base_source.h"
#include "helper/endpoint.h"
#include "helper/http.h"
#include "helper/instant.h"
#include "helper/log.h"
#include "helper/outside.h"
#include "helper/roles_anywhere.h"
#include "helper/x509_sign.h"

#define ANSWER_MAX  ((size_t)256 * 1024) /* bytes; a real answer has about three thousand */
#define URL_SIZE    ((size_t)512)
#define SAID_SIZE   ((size_t)1024)
#define PATH_CREATE "sessions"

/* One fetch, on the heap: it is too large for a task's stack. */
struct fetch {
    const struct host *host;
    const struct base *base;
    struct deadline deadline;
    struct x509_chain chain;
    char url[URL_SIZE];
    struct http_target target;
    struct roles_anywhere request;
    unsigned char signature[X509_SIGNATURE_MAX];
    size_t signature_length;
    struct http_response response;
    char said[SAID_SIZE];
    char *why;
};

/* Tells the reason that is in `said`, after what it is about. Returns the status. */
static enum status fail(struct fetch *fetch, enum status status, const char *about)
{
    snprintf(fetch->why, BASE_WHY_SIZE, "%s: %s", about, fetch->said);
    return status;
}

/* Reads the certificate, and refuses one that AWS would refuse; warns of one that ends soon. */
static enum status read_certificate(struct fetch *fetch)
{
    const struct base *base = fetch->base;
    const time_t now = aws_clock_now();
    char until[INSTANT_SIZE], path[ESCAPE_MAX];
    int error = x509_chain_read(base->certificate, fetch->host->group, &fetch->chain, fetch->said,
                                sizeof fetch->said);

    if (error != 0)
        return fail(fetch, base_file_status(error), "certificate");
    if (x509_chain_check_dates(&fetch->chain, base->certificate, now, fetch->said,
                               sizeof fetch->said) != 0)
        return fail(fetch, STATUS_MISCONFIGURED, "certificate");
    if (fetch->chain.until - now < X509_ENDS_SOON_S)
        log_warning(
            "the certificate %s of [%s] at %s:%u ends at %s: renew it, no role can be assumed "
            "with it afterwards",
            escape(path, sizeof path, base->certificate), base->title, base->at.file, base->at.line,
            instant_text(until, fetch->chain.until));
    return STATUS_PERMITTED;
}

/* Finds out whom to ask. */
static enum status find_server(struct fetch *fetch)
{
    const struct policy *policy = fetch->host->policy;
    const char *given = fetch->base->endpoint;
    int error = 0;
    size_t length;

    if (given == NULL)
        error = endpoint_find(ENDPOINT_ROLES_ANYWHERE, fetch->base->region, policy->fips,
                              policy->dual_stack, fetch->url, sizeof fetch->url);
    else
        snprintf(fetch->url, sizeof fetch->url, "%s", given);
    length = strlen(fetch->url);
    if (error == 0 && length + sizeof "/" PATH_CREATE <= sizeof fetch->url) {
        strcpy(fetch->url + length,
               length > 0 && fetch->url[length - 1] == '/' ? PATH_CREATE : "/" PATH_CREATE);
        if (http_target(fetch->url, &fetch->target) == 0)
            return STATUS_PERMITTED;
    }
    snprintf(fetch->said, sizeof fetch->said, "%s",
             error == ENOTSUP
                 ? "the region's partition has no such endpoint of Roles Anywhere (fips "
                   "and dual_stack of [xacct])"
                 : "no partition has a region of this form, or `endpoint =` is not an "
                   "http or https URL without user, query and fragment");
    return fail(fetch, STATUS_MISCONFIGURED, fetch->base->region);
}

/* Has the certificate's key sign what is prepared. */
static enum status sign(struct fetch *fetch)
{
    const struct base *base = fetch->base;
    const char *text = fetch->request.to_sign;
    int error;

    fetch->signature_length = sizeof fetch->signature;
    if (base->pkcs11_module == NULL) {
        error =
            x509_sign(base->key, fetch->host->group, &fetch->chain, text, strlen(text),
                      fetch->signature, &fetch->signature_length, fetch->said, sizeof fetch->said);
        return error == 0 ? STATUS_PERMITTED : fail(fetch, base_file_status(error), "key");
    }
    error = outside_sign(fetch->host->outside, base, fetch->chain.kind, text, strlen(text),
                         fetch->signature, &fetch->signature_length, fetch->deadline, fetch->said,
                         sizeof fetch->said);
    if (error == 0)
        return STATUS_PERMITTED;
    return fail(fetch, error == EACCES || error == EIO ? STATUS_MISCONFIGURED : STATUS_UNAVAILABLE,
                "signing with the PKCS#11 module");
}

/* A header, which the caller frees; NULL without a value, or without memory. */
static char *make_header(const char *name, const char *value)
{
    char *header = NULL;

    return value != NULL && asprintf(&header, "%s: %s", name, value) > 0 ? header : NULL;
}

/* Sends the signed request. Returns PERMITTED when something came of it, whatever. */
static enum status post(struct fetch *fetch)
{
    static const char content_type[] = "Content-Type: " ROLES_ANYWHERE_CONTENT_TYPE;
    const struct policy *policy = fetch->host->policy;
    const struct x509_chain *chain = &fetch->chain;
    char *date = make_header("X-Amz-Date", fetch->request.date);
    char *certificate = make_header("X-Amz-X509", chain->text);
    char *intermediates = make_header("X-Amz-X509-Chain", chain->intermediates);
    char *authorization =
        roles_anywhere_authorization(&fetch->request, fetch->signature, fetch->signature_length);
    const struct http_request request = {
        .method = HTTP_POST,
        .url = fetch->url,
        .query = fetch->request.query,
        .headers = {content_type, date, certificate, authorization, intermediates},
        .body = fetch->request.body,
        .body_length = strlen(fetch->request.body),
        .ca_bundle = policy->ca_bundle,
        .proxy = policy->proxy,
        .largest = ANSWER_MAX,
    };
    bool made = date != NULL && certificate != NULL && authorization != NULL &&
                (intermediates != NULL || chain->intermediates == NULL);

    if (made)
        http_perform(&request, fetch->deadline, &fetch->response);
    else
        snprintf(fetch->said, sizeof fetch->said, "no memory is left");
    free(date);
    free(certificate);
    free(intermediates);
    free(authorization);
    return made ? STATUS_PERMITTED : fail(fetch, STATUS_UNAVAILABLE, fetch->url);
}

/* Signs the request as of now, and sends it. */
static enum status ask(struct fetch *fetch)
{
    enum status status = STATUS_UNAVAILABLE;

    roles_anywhere_free(&fetch->request);
    secret_free(&fetch->response.body);
    if (roles_anywhere_prepare(&fetch->request, fetch->base, &fetch->chain, &fetch->target,
                               aws_clock_now()) != 0) {
        snprintf(fetch->said, sizeof fetch->said, "the request could not be prepared");
        return fail(fetch, status, fetch->url);
    }
    status = sign(fetch);
    return status == STATUS_PERMITTED ? post(fetch) : status;
}

/* Whether the server's clock, now learned, is what it refused us for. */
static bool clock_was_wrong(const struct fetch *fetch)
{
    const struct http_response *response = &fetch->response;

    return response->outcome == HTTP_ANSWERED && response->status >= 400 &&
           response->status < 500 && response->date != 0 &&
           aws_clock_learn((long)(response->date - time(NULL)));
}

/* What an admin does about a refusal with this message. */
static const char *advice(const char *message)
{
    static const struct {
        const char *said;
        const char *advice;
    } known[] = {
        {"ntrusted", "the trust anchor does not hold this certificate's authority, or the "
                     "intermediates are missing from the file of `certificate =`"},
        {"roleSessionName", "set acceptRoleSessionName in the profile, or remove `session_name =`"},
        {"xpired", "is this host's clock right, and the certificate valid?"},
        {"ignature", "is what `key =` names the key of the certificate?"},
    };
    size_t i;

    for (i = 0; i < sizeof known / sizeof known[0]; i++)
        if (strstr(message, known[i].said) != NULL)
            return known[i].advice;
    return "are trust anchor and profile enabled, is the role among the profile's, and does its "
           "trust policy allow rolesanywhere.amazonaws.com sts:AssumeRole, sts:TagSession and "
           "sts:SetSourceIdentity?";
}

/* Explains an answer that is a refusal. */
static enum status explain_refusal(struct fetch *fetch)
{
    const struct http_response *response = &fetch->response;
    char message[SAID_SIZE / 2];

    roles_anywhere_read_error(response->body.bytes, response->body.length, message, sizeof message);
    if (response->status == 429 || response->status >= 500 || response->status < 400) {
        snprintf(fetch->said, sizeof fetch->said, "it answered with HTTP status %ld, \"%s\"",
                 response->status, message);
        return fail(fetch, STATUS_UNAVAILABLE, fetch->url);
    }
    snprintf(fetch->said, sizeof fetch->said,
             "it refused with HTTP status %ld, \"%s\" (request %.64s): %s", response->status,
             message, response->request_id[0] != '\0' ? response->request_id : "unknown",
             advice(message));
    return fail(fetch, STATUS_MISCONFIGURED, fetch->url);
}

/* Reads what came. */
static enum status read_answer(struct fetch *fetch, struct credentials *credentials)
{
    const struct http_response *response = &fetch->response;
    char why[SAID_SIZE / 2], type[SAID_SIZE / 4];

    if (response->outcome != HTTP_ANSWERED) {
        escape(fetch->said, sizeof fetch->said, response->why);
        return fail(fetch,
                    response->outcome == HTTP_UNTRUSTED ? STATUS_MISCONFIGURED : STATUS_UNAVAILABLE,
                    fetch->url);
    }
    if (response->status != 201 && response->status != 200)
        return explain_refusal(fetch);
    if (roles_anywhere_read(response->body.bytes, response->body.length, credentials, why,
                            sizeof why) != 0) {
        snprintf(fetch->said, sizeof fetch->said,
                 "it sent %zu bytes of type %s that are no answer of Roles Anywhere: %s",
                 response->body.length, escape(type, sizeof type, response->content_type), why);
        return fail(fetch, STATUS_UNAVAILABLE, fetch->url);
    }
    if (credentials->expiration > aws_clock_now())
        return STATUS_PERMITTED;
    credentials_free(credentials);
    snprintf(fetch->said, sizeof fetch->said,
             "it sent credentials that have expired already: is this host's clock right?");
    return fail(fetch, STATUS_UNAVAILABLE, fetch->url);
}

enum status base_roles_anywhere_fetch(const struct host *host, const struct base *base,
                                      struct deadline deadline, struct credentials *credentials,
                                      char why[BASE_WHY_SIZE])
{
    struct fetch *fetch = calloc(1, sizeof *fetch);
    enum status status;

    if (fetch == NULL || http_start() != 0) {
        snprintf(why, BASE_WHY_SIZE, "no memory is left, or libcurl cannot be started");
        free(fetch);
        return STATUS_UNAVAILABLE;
    }
    fetch->host = host;
    fetch->base = base;
    fetch->deadline = deadline;
    fetch->why = why;
    status = read_certificate(fetch);
    if (status == STATUS_PERMITTED)
        status = find_server(fetch);
    if (status == STATUS_PERMITTED)
        status = ask(fetch);
    if (status == STATUS_PERMITTED && clock_was_wrong(fetch))
        status = ask(fetch);
    if (status == STATUS_PERMITTED)
        status = read_answer(fetch, credentials);
    roles_anywhere_free(&fetch->request);
    secret_free(&fetch->response.body);
    x509_chain_free(&fetch->chain);
    free(fetch);
    return status;
}
