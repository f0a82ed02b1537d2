/*
 * Base credentials from the endpoint that ECS and EKS pod identity give a container.
 * Source: AWS SDKs and Tools Reference Guide, "Container credential provider".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "helper/metadata.h"
#include "helper/secret_file.h"

#define HEADER "Authorization: "
#define TOKEN_MAX                                                                                  \
    ((size_t)20000) /* STS API reference, AssumeRoleWithWebIdentity: such a one it is */
#define TOKEN_BEGIN ((size_t)24)  /* bytes of it by which a part of it is known */
#define EXCERPT     ((size_t)160) /* bytes of a refusal that are shown */

/* A fetch under way. */
struct fetching {
    const struct host *host;
    const struct base *base;
    struct secret header; /* with the token, or empty */
    struct http_response response;
    char *why;
};

/* Reads the token anew: what mounts it there replaces it. */
static enum status read_token(struct fetching *fetching)
{
    const char *path = fetching->base->token_file;
    struct secret token;
    enum status status = STATUS_PERMITTED;
    int error;

    if (path == NULL)
        return STATUS_PERMITTED;
    error = secret_file_word(path, fetching->host->group, 1, TOKEN_MAX, &token, fetching->why,
                             BASE_WHY_SIZE);
    if (error != 0)
        return base_file_status(error);
    if (http_secret_header(HEADER, &token, &fetching->header) != 0) {
        snprintf(fetching->why, BASE_WHY_SIZE, "there is no secret memory left");
        status = STATUS_UNAVAILABLE;
    }
    secret_free(&token);
    return status;
}

/* Whether keys may come from this endpoint: over TLS, or from beside us. */
static bool is_allowed(const char *endpoint)
{
    struct http_target target;
    enum http_place place;

    if (endpoint == NULL || http_target(endpoint, &target) != 0)
        return false;
    place = http_place_of(endpoint);
    return strcmp(target.scheme, "https") == 0 || place == HTTP_LOOPBACK ||
           place == HTTP_CONTAINER_AGENT;
}

/* Whether the answer may be shown: not where it holds keys, or what we have sent, or its beginning.
 */
static bool may_be_shown(const struct fetching *fetching)
{
    const struct secret *body = &fetching->response.body, *header = &fetching->header;
    size_t name = sizeof HEADER - 1, sent = header->length > name ? header->length - name : 0;

    return body->length > 0 && memchr(body->bytes, '\0', body->length) == NULL &&
           strcasestr(body->bytes, "SecretAccessKey") == NULL &&
           (sent == 0 || memmem(body->bytes, body->length, header->bytes + name,
                                sent < TOKEN_BEGIN ? sent : TOKEN_BEGIN) == NULL);
}

/* Tells why there was no good answer. */
static enum status explain(struct fetching *fetching)
{
    static const struct {
        long first, last;
        enum status status;
        const char *advice;
    } meanings[] = {
        {300, 399, STATUS_MISCONFIGURED,
         "it sends elsewhere, which is not followed; correct `endpoint =`"},
        {400, 400, STATUS_MISCONFIGURED,
         "it does not take the request; see that `endpoint =` is whole, as the container's "
         "environment has it, and `token_file =`"},
        {401, 403, STATUS_MISCONFIGURED,
         "it does not accept the token; see that `token_file =` names the file that the "
         "container's environment names, and that the role trusts this task or pod"},
        {404, 404, STATUS_MISCONFIGURED,
         "it has no credentials for this endpoint: see that the task has a role, or the service "
         "account a pod identity association, and that `endpoint =` is whole"},
    };
    const struct http_response *response = &fetching->response;
    enum status status = STATUS_UNAVAILABLE;
    const char *advice = "try again; if that lasts, see what answers there";
    char excerpt[EXCERPT];
    size_t i, used;

    if (response->outcome == HTTP_UNTRUSTED) {
        status = STATUS_MISCONFIGURED;
        advice = "name a PEM file with its CA in `ca_bundle =` of [xacct]";
    }
    for (i = 0; i < sizeof meanings / sizeof *meanings; i++)
        if (response->outcome == HTTP_ANSWERED && meanings[i].first <= response->status &&
            response->status <= meanings[i].last) {
            status = meanings[i].status;
            advice = meanings[i].advice;
        }
    metadata_fail(status, fetching->base->endpoint, response, advice, fetching->why);
    used = strlen(fetching->why);
    if (response->outcome == HTTP_ANSWERED && may_be_shown(fetching))
        snprintf(fetching->why + used, BASE_WHY_SIZE - used, "; it said: %s",
                 escape(excerpt, sizeof excerpt, response->body.bytes));
    return status;
}

static enum status fetch(struct fetching *fetching, struct deadline deadline,
                         struct credentials *credentials)
{
    const struct metadata_request request = {
        .method = HTTP_GET,
        .url = fetching->base->endpoint,
        .header = fetching->header.bytes,
        .ca_bundle = fetching->host->policy->ca_bundle,
    };

    metadata_ask(&request, deadline, &fetching->response);
    if (!metadata_is_good(&fetching->response))
        return explain(fetching);
    return metadata_credentials(BASE_JSON_CONTAINER, request.url, &fetching->response, credentials,
                                fetching->why);
}

enum status base_container_fetch(const struct host *host, const struct base *base,
                                 struct deadline deadline, struct credentials *credentials,
                                 char why[BASE_WHY_SIZE])
{
    struct fetching fetching = {.host = host, .base = base, .why = why};
    char shown[ESCAPE_MAX];
    enum status status;

    if (!is_allowed(base->endpoint)) {
        snprintf(why, BASE_WHY_SIZE,
                 "%s is no endpoint that keys may come from: it must be https, or http of "
                 "169.254.170.2, 169.254.170.23, [fd00:ec2::23] or loopback; correct `endpoint =`",
                 escape(shown, sizeof shown, base->endpoint));
        return STATUS_MISCONFIGURED;
    }
    status = read_token(&fetching);
    if (status == STATUS_PERMITTED)
        status = fetch(&fetching, deadline, credentials);
    secret_free(&fetching.header);
    secret_free(&fetching.response.body);
    return status;
}
