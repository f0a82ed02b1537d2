/*
 * Asking metadata services.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/metadata.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "helper/aws_clock.h"
#include "helper/instant.h"

#define CONNECT_MS 1000
#define WHOLE_MS   2000
#define TRIES      2
#define LARGEST    ((size_t)64 * 1024) /* bytes; a real answer has about two thousand */

/* What it is when no answer came, before libcurl's own words. */
static const char *const unanswered[] = {
    [HTTP_TIMED_OUT] = "did not answer in time",
    [HTTP_UNREACHABLE] = "cannot be reached",
    [HTTP_UNTRUSTED] = "has a TLS certificate that is not trusted",
    [HTTP_TOO_LARGE] = "answered with too much",
    [HTTP_TRUNCATED] = "ended the connection before its answer",
    [HTTP_GARBLED] = "does not speak HTTP",
    [HTTP_FAILED] = "could not be asked",
};

/* Whether to ask once more might help. */
static bool may_pass(const struct http_response *response)
{
    switch (response->outcome) {
    case HTTP_ANSWERED:
        return response->status >= 500 || response->status == 429;
    case HTTP_TIMED_OUT:
    case HTTP_UNREACHABLE:
    case HTTP_TRUNCATED:
        return true;
    default:
        return false;
    }
}

void metadata_ask(const struct metadata_request *request, struct deadline deadline,
                  struct http_response *response)
{
    const struct http_request asked = {
        .method = request->method,
        .url = request->url,
        .headers = {request->header},
        .ca_bundle = request->ca_bundle,
        .connect_ms = CONNECT_MS,
        .largest = LARGEST,
    };
    int tries = TRIES;

    memset(response, 0, sizeof *response);
    if (http_start() != 0) {
        response->outcome = HTTP_FAILED;
        snprintf(response->why, sizeof response->why, "libcurl cannot be started");
        return;
    }
    do {
        secret_free(&response->body);
        http_perform(&asked, deadline_earlier(deadline, deadline_in_ms(WHOLE_MS)), response);
    } while (--tries > 0 && may_pass(response) && deadline_left_ms(deadline) > 0);
}

bool metadata_is_good(const struct http_response *response)
{
    return response->outcome == HTTP_ANSWERED && response->status == 200;
}

enum status metadata_fail(enum status status, const char *url, const struct http_response *response,
                          const char *advice, char why[BASE_WHY_SIZE])
{
    char shown_url[ESCAPE_MAX], said[ESCAPE_MAX];

    escape(shown_url, sizeof shown_url, url);
    if (response->outcome == HTTP_ANSWERED)
        snprintf(why, BASE_WHY_SIZE, "%s answered with status %ld: %s", shown_url, response->status,
                 advice);
    else
        snprintf(why, BASE_WHY_SIZE, "%s %s (%s): %s", shown_url, unanswered[response->outcome],
                 escape(said, sizeof said / 2, response->why), advice);
    return status;
}

enum status metadata_credentials(enum base_json_form form, const char *url,
                                 const struct http_response *response,
                                 struct credentials *credentials, char why[BASE_WHY_SIZE])
{
    char shown_url[METADATA_URL_SIZE], what[ESCAPE_MAX - 64], expiration[INSTANT_SIZE];
    int error = base_json_read(form, response->body.bytes, response->body.length, credentials, what,
                               sizeof what);

    escape(shown_url, sizeof shown_url, url);
    if (error != 0) {
        snprintf(why, BASE_WHY_SIZE, "the answer of %s has no credentials: %s", shown_url, what);
        return error == EACCES ? STATUS_MISCONFIGURED : STATUS_UNAVAILABLE;
    }
    if (credentials->expiration > aws_clock_now())
        return STATUS_PERMITTED;
    snprintf(why, BASE_WHY_SIZE,
             "the credentials that %s gives have expired already, at %s: see this host's clock, "
             "and whether the service there still renews them",
             shown_url, instant_text(expiration, credentials->expiration));
    credentials_free(credentials);
    return STATUS_UNAVAILABLE;
}
