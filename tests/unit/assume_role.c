/*
 * Performs one AssumeRole for test_sts_call.py, or its like, with=web-identity or with=saml. Its
 * arguments are NAME=VALUE; those of a list may
 * stand several times, and a tag is tag=KEY=VALUE. Prints what came of it, one NAME=VALUE a line.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "arguments.h"
#include "common/escape.h"
#include "helper/http.h"
#include "helper/sts.h"

#define LIST_MAX 8

static const char *const kind_names[STS_KIND_COUNT] = {
    [STS_REFUSED] = "refused",
    [STS_THROTTLED] = "throttled",
    [STS_TRANSIENT] = "transient",
    [STS_BASE_INVALID] = "base-invalid",
    [STS_CLOCK] = "clock",
    [STS_ILLEGAL] = "illegal",
    [STS_REGION] = "region",
    [STS_GARBLED] = "garbled",
    [STS_TIMED_OUT] = "timed-out",
    [STS_UNREACHABLE] = "unreachable",
    [STS_UNTRUSTED] = "untrusted",
    [STS_INTERNAL] = "internal",
    [STS_PROOF_INVALID] = "proof-invalid",
};

/* Fills a list with every argument of this name. Returns how many there are. */
static size_t list(char **arguments, const char *name, const char *values[LIST_MAX])
{
    size_t n = 0;

    while (n < LIST_MAX && (values[n] = argument(arguments, name, n)) != NULL)
        n++;
    return n;
}

static int call(char **arguments, const struct credentials *base, struct sts_assumed *assumed,
                struct sts_failure *failure)
{
    const char *arns[LIST_MAX], *transitive[LIST_MAX], *pairs[LIST_MAX];
    struct sts sts = {.endpoint = argument(arguments, "endpoint", 0),
                      .region = argument(arguments, "region", 0),
                      .ca_bundle = argument(arguments, "ca_bundle", 0)};
    struct secret proof = secret_argument(arguments, "proof");
    const char *with = argument(arguments, "with", 0);
    struct sts_tag tags[LIST_MAX];
    struct sts_assume_role parameters = {
        .action = with == NULL                        ? STS_ASSUME_ROLE
                  : strcmp(with, "web-identity") == 0 ? STS_WITH_WEB_IDENTITY
                                                      : STS_WITH_SAML,
        .proof = &proof,
        .principal_arn = argument(arguments, "principal_arn", 0),
        .role_arn = argument(arguments, "role_arn", 0),
        .session_name = argument(arguments, "session_name", 0),
        .source_identity = argument(arguments, "source_identity", 0),
        .external_id = argument(arguments, "external_id", 0),
        .policy = argument(arguments, "policy", 0),
        .duration = (int)number(arguments, "duration", 0),
        .policy_arns = arns,
        .policy_arn_count = list(arguments, "policy_arn", arns),
        .tags = tags,
        .tag_count = list(arguments, "tag", pairs),
        .transitive_tags = transitive,
        .transitive_tag_count = list(arguments, "transitive_tag", transitive),
    };
    size_t i;
    int error;

    for (i = 0; i < parameters.tag_count; i++) {
        char *pair = argument(arguments, "tag", i);

        tags[i].key = strsep(&pair, "=");
        tags[i].value = pair;
    }
    error = sts_assume_role(&sts, with == NULL ? base : NULL, &parameters,
                            deadline_in_ms(number(arguments, "timeout_ms", 0)), assumed, failure);
    secret_free(&proof);
    return error;
}

static void print_failure(const struct sts_failure *failure)
{
    char shown[ESCAPE_MAX];

    printf("kind=%s\n", kind_names[failure->kind]);
    printf("http_status=%ld\n", failure->http_status);
    printf("code=%s\n", escape(shown, sizeof shown, failure->code));
    printf("request_id=%s\n", escape(shown, sizeof shown, failure->request_id));
    printf("message=%s\n", escape(shown, sizeof shown, failure->message));
    printf("text=%s\n", failure->text);
}

static void print_assumed(const struct sts_assumed *assumed)
{
    printf("access_key_id=%s\n", assumed->credentials.access_key_id);
    printf("secret_access_key=%s\n", assumed->credentials.secret_access_key.bytes);
    printf("session_token=%s\n", assumed->credentials.session_token.bytes);
    printf("expiration=%lld\n", (long long)assumed->credentials.expiration);
    printf("arn=%s\n", assumed->arn);
    printf("request_id=%s\n", assumed->request_id);
}

int main(int argc, char **argv)
{
    struct credentials base = {0};
    struct sts_assumed assumed;
    struct sts_failure failure;

    if (argc < 2 || secret_arena_open((size_t)2 * 1024 * 1024) != 0 || http_start() != 0)
        return 1;
    signal(SIGPIPE, SIG_IGN);
    snprintf(base.access_key_id, sizeof base.access_key_id, "%s",
             argument(argv, "access_key_id", 0));
    base.secret_access_key = secret_argument(argv, "secret_access_key");
    base.session_token = secret_argument(argv, "session_token");
    if (call(argv, &base, &assumed, &failure) == 0)
        print_assumed(&assumed);
    else
        print_failure(&failure);
    credentials_free(&assumed.credentials);
    credentials_free(&base);
    http_end();
    secret_arena_close();
    return 0;
}
