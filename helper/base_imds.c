/*
 * Base credentials from EC2's metadata service: a token first, with that the name of the role, and
 * then its credentials. Version 1 of the service, which asks for no token, is never spoken: a
 * program that can be made to fetch a URL would be enough to read the bastion's keys there.
 * Source: Amazon EC2 User Guide, "Use the Instance Metadata Service to access instance metadata"
 * and "Retrieve security credentials from instance metadata".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "helper/metadata.h"

#define ENDPOINT_IPV4 "http://169.254.169.254"
#define ENDPOINT_IPV6 "http://[fd00:ec2::254]"
#define TOKEN_PATH    "/latest/api/token"
#define ROLES_PATH    "/latest/meta-data/iam/security-credentials/"
#define TOKEN_HEADER  "X-aws-ec2-metadata-token: "

#define TOKEN_SECONDS 21600 /* the longest that there is */
#define TOKEN_MARGIN  300   /* seconds before its end from which it is not used any more */
#define TOKEN_MAX     ((size_t)1024)
#define ROLE_NAME_MAX ((size_t)64) /* IAM API reference, Role */

#define TEXT_OF(number)  TEXT_OF_(number)
#define TEXT_OF_(number) #number

/* The service says it by 404, others that speak its protocol by an empty list. */
#define NO_PROFILE                                                                                 \
    "no instance profile is attached to this instance: attach one with aws ec2 "                   \
    "associate-iam-instance-profile"

enum step { ASK_TOKEN, ASK_ROLE, ASK_CREDENTIALS };

/* A fetch under way. */
struct fetching {
    const char *endpoint;
    struct deadline deadline;
    struct secret header; /* with the token */
    bool renewed;         /* that one is new, as another was refused */
    char url[METADATA_URL_SIZE];
    struct http_response response;
    char *why;
};

/* The token that this process has, and until when it is good. */
static struct {
    char endpoint[METADATA_URL_SIZE];
    struct secret header;
    struct deadline until;
} kept;

/* What an answer means, whose status is not 200; 0 stands for none. The first that fits counts. */
static const struct {
    enum step step;
    long first, last;
    enum status status;
    const char *advice;
} meanings[] = {
    {ASK_TOKEN, 400, 400, STATUS_MISCONFIGURED,
     "it does not take the request for a token: what answers there is not EC2's metadata service, "
     "or something in between changes the request"},
    {ASK_TOKEN, 403, 403, STATUS_MISCONFIGURED,
     "the instance's metadata service is switched off (switch it on with aws ec2 "
     "modify-instance-metadata-options --http-endpoint enabled), or a firewall or forwarder stands "
     "in between: the host's own must let the helper's user through"},
    {ASK_TOKEN, 404, 405, STATUS_MISCONFIGURED,
     "it knows no tokens, so it is not IMDSv2; version 1 is never used"},
    {ASK_ROLE, 404, 404, STATUS_MISCONFIGURED, NO_PROFILE},
    {ASK_CREDENTIALS, 404, 404, STATUS_UNAVAILABLE,
     "the role that it has just named has no credentials there: the instance profile was changed "
     "a moment ago; try again, and see that its role exists"},
    {ASK_ROLE, 401, 401, STATUS_UNAVAILABLE, "it refuses the token that it has just given"},
    {ASK_CREDENTIALS, 401, 401, STATUS_UNAVAILABLE, "it refuses the token that it has just given"},
    {ASK_ROLE, 403, 403, STATUS_MISCONFIGURED,
     "the instance's metadata service does not give out credentials: see its options with aws ec2 "
     "describe-instances"},
    {ASK_CREDENTIALS, 403, 403, STATUS_MISCONFIGURED,
     "the instance's metadata service does not give out credentials: see its options with aws ec2 "
     "describe-instances"},
};

/* Tells why a step had no good answer. */
static enum status explain(struct fetching *fetching, enum step step)
{
    const struct http_response *response = &fetching->response;
    enum status status = STATUS_UNAVAILABLE;
    const char *advice = "it is not what EC2's metadata service answers; try again, and see what "
                         "answers there";
    size_t i;

    if ((response->outcome == HTTP_UNREACHABLE || response->outcome == HTTP_TIMED_OUT) &&
        !response->connected)
        advice = "this host is not an EC2 instance, or a firewall keeps the helper's user from it";
    else if (response->outcome != HTTP_ANSWERED && step == ASK_TOKEN)
        advice = "hop limit? Where the helper runs in a container or behind a router, the token "
                 "gets lost on its way unless the instance allows two hops: aws ec2 "
                 "modify-instance-metadata-options --http-put-response-hop-limit 2";
    else if (response->outcome != HTTP_ANSWERED)
        advice = "try again; if that lasts, see what answers there";
    else
        for (i = 0; i < sizeof meanings / sizeof *meanings; i++)
            if (meanings[i].step == step && meanings[i].first <= response->status &&
                response->status <= meanings[i].last) {
                status = meanings[i].status;
                advice = meanings[i].advice;
                break;
            }
    return metadata_fail(status, fetching->url, response, advice, fetching->why);
}

/* Makes the URL of a path, and of a name below it. */
static void set_url(struct fetching *fetching, const char *path, const char *name)
{
    size_t length = strlen(fetching->endpoint);

    while (length > 0 && fetching->endpoint[length - 1] == '/')
        length--;
    snprintf(fetching->url, sizeof fetching->url, "%.*s%s%s", (int)length, fetching->endpoint, path,
             name);
}

/* Keeps the token that has come just now, if there is room. */
static void keep_token(const struct fetching *fetching, struct deadline until)
{
    secret_free(&kept.header);
    if (secret_copy(&kept.header, fetching->header.bytes, fetching->header.length) == 0) {
        snprintf(kept.endpoint, sizeof kept.endpoint, "%s", fetching->endpoint);
        kept.until = until;
    }
}

/* Takes the token that is kept, if it is good there. Returns whether it is. */
static bool take_kept(struct fetching *fetching)
{
    return kept.header.bytes != NULL && strcmp(kept.endpoint, fetching->endpoint) == 0 &&
           deadline_left_ms(kept.until) > 0 &&
           secret_copy(&fetching->header, kept.header.bytes, kept.header.length) == 0;
}

/* Asks for a new token. */
static enum status ask_token(struct fetching *fetching)
{
    static const char asked_for[] = "X-aws-ec2-metadata-token-ttl-seconds: " TEXT_OF(TOKEN_SECONDS);
    struct deadline until = deadline_in_ms(INT64_C(1000) * (TOKEN_SECONDS - TOKEN_MARGIN));
    const struct secret *token = &fetching->response.body;

    set_url(fetching, TOKEN_PATH, "");
    metadata_ask(
        &(struct metadata_request){.method = HTTP_PUT, .url = fetching->url, .header = asked_for},
        fetching->deadline, &fetching->response);
    if (!metadata_is_good(&fetching->response))
        return explain(fetching, ASK_TOKEN);
    if (token->length > TOKEN_MAX || !credentials_secret_valid(token))
        return metadata_fail(STATUS_UNAVAILABLE, fetching->url, &fetching->response,
                             "what came is no token: what answers there is not EC2's metadata "
                             "service",
                             fetching->why);
    secret_free(&fetching->header);
    if (http_secret_header(TOKEN_HEADER, token, &fetching->header) != 0) {
        snprintf(fetching->why, BASE_WHY_SIZE, "there is no secret memory left");
        return STATUS_UNAVAILABLE;
    }
    keep_token(fetching, until);
    return STATUS_PERMITTED;
}

static void get(struct fetching *fetching, const char *name)
{
    secret_free(&fetching->response.body);
    set_url(fetching, ROLES_PATH, name);
    metadata_ask(&(struct metadata_request){.method = HTTP_GET,
                                            .url = fetching->url,
                                            .header = fetching->header.bytes},
                 fetching->deadline, &fetching->response);
}

/* As get, with a new token where the one at hand is not good any more. */
static enum status get_with_token(struct fetching *fetching, enum step step, const char *name)
{
    enum status status;

    get(fetching, name);
    if (fetching->response.outcome == HTTP_ANSWERED && fetching->response.status == 401 &&
        !fetching->renewed) {
        fetching->renewed = true;
        secret_free(&fetching->response.body);
        status = ask_token(fetching);
        if (status != STATUS_PERMITTED)
            return status;
        get(fetching, name);
    }
    return metadata_is_good(&fetching->response) ? STATUS_PERMITTED : explain(fetching, step);
}

/* Takes the role's name, the first line of the answer, which becomes a part of a URL. */
static enum status read_role(struct fetching *fetching, char role[ROLE_NAME_MAX + 1])
{
    static const char allowed[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
                                  "0123456789_+=,.@-";
    const char *name = fetching->response.body.bytes;
    size_t length = name != NULL ? strcspn(name, " \t\r\n") : 0;
    char shown[ROLE_NAME_MAX];

    if (length == 0) {
        snprintf(fetching->why, BASE_WHY_SIZE, "%s names no role: " NO_PROFILE, fetching->url);
        return STATUS_MISCONFIGURED;
    }
    if (length <= ROLE_NAME_MAX && strspn(name, allowed) >= length && strspn(name, ".") < length) {
        snprintf(role, ROLE_NAME_MAX + 1, "%.*s", (int)length, name);
        return STATUS_PERMITTED;
    }
    snprintf(fetching->why, BASE_WHY_SIZE,
             "%s gives \"%s\", which is no role's name: what answers there is not EC2's metadata "
             "service",
             fetching->url, escape_bytes(shown, sizeof shown, name, length));
    return STATUS_UNAVAILABLE;
}

static enum status fetch(struct fetching *fetching, struct credentials *credentials)
{
    char role[ROLE_NAME_MAX + 1] = "";
    enum status status = STATUS_PERMITTED;

    if (!take_kept(fetching)) {
        fetching->renewed = true;
        status = ask_token(fetching);
    }
    if (status == STATUS_PERMITTED)
        status = get_with_token(fetching, ASK_ROLE, "");
    if (status == STATUS_PERMITTED)
        status = read_role(fetching, role);
    if (status == STATUS_PERMITTED)
        status = get_with_token(fetching, ASK_CREDENTIALS, role);
    if (status == STATUS_PERMITTED)
        status = metadata_credentials(BASE_JSON_IMDS, fetching->url, &fetching->response,
                                      credentials, fetching->why);
    return status;
}

enum status base_imds_fetch(const struct host *host, const struct base *base,
                            struct deadline deadline, struct credentials *credentials,
                            char why[BASE_WHY_SIZE])
{
    struct fetching fetching = {
        .endpoint = base->endpoint != NULL ? base->endpoint
                    : base->ipv6           ? ENDPOINT_IPV6
                                           : ENDPOINT_IPV4,
        .deadline = deadline,
        .why = why,
    };
    enum status status;

    (void)host;
    status = fetch(&fetching, credentials);
    secret_free(&fetching.header);
    secret_free(&fetching.response.body);
    return status;
}
