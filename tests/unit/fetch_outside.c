/*
 * Fetches base credentials by what runs outside the sandbox, or by Roles Anywhere, for
 * test_process.py and test_roles_anywhere.py: fetch_outside CONFIG TIMEOUT_MS [TIMES] loads a
 * policy, starts what it needs, closes the sandbox as the helper does, and fetches those of [base].
 * Prints what came of the last fetch, one NAME=VALUE a line, and the milliseconds that it took.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "helper/base_source.h"
#include "helper/folders.h"
#include "helper/http.h"
#include "helper/log.h"
#include "helper/outside.h"
#include "helper/sandbox.h"
#include "policy/load.h"

#define LONGEST_MS 60000

static void print(enum status status, const struct credentials *credentials, const char *why)
{
    printf("status=%s\n", status_name(status));
    printf("why=%s\n", why);
    if (status != STATUS_PERMITTED)
        return;
    printf("AccessKeyId=%s\n", credentials->access_key_id);
    printf("SecretAccessKey=%s\n", credentials->secret_access_key.bytes);
    printf("Token=%s\n",
           credentials->session_token.bytes != NULL ? credentials->session_token.bytes : "");
    printf("expiration=%lld\n", (long long)credentials->expiration);
    printf("source_identity=%s\n", credentials->source_identity);
}

static struct policy *load(const char *path)
{
    const struct trust trust = {.group = getegid(), .largest = POLICY_FILE_MAX};
    struct policy_errors errors = {NULL, 0};
    struct policy *policy = policy_load(path, &trust, &errors);
    size_t i;

    for (i = 0; i < errors.count; i++)
        fprintf(stderr, "%s:%u: %s\n", errors.items[i].file, errors.items[i].line,
                errors.items[i].text);
    policy_errors_free(&errors);
    return policy;
}

/* Starts what the policy needs, and closes the sandbox. */
static int prepare(struct host *host, const char *config)
{
    struct folders folders;
    int error = outside_open(host->policy, &host->outside);

    if (error == 0)
        error = folders_of(&folders, config, NULL, host->policy);
    if (error == 0)
        error = folders_close_sandbox(&folders, false);
    folders_free(&folders);
    return error;
}

static void fetch(const struct host *host, long timeout_ms, long times)
{
    base_source_fetch *source =
        host->policy->base->source == BASE_PROCESS ? base_process_fetch : base_roles_anywhere_fetch;
    struct credentials credentials = {0};
    enum status status = STATUS_UNAVAILABLE;
    char why[BASE_WHY_SIZE] = "";

    for (; times > 0; times--) {
        struct deadline started = deadline_in_ms(LONGEST_MS);

        credentials_free(&credentials);
        why[0] = '\0';
        status = source(host, host->policy->base, deadline_in_ms(timeout_ms), &credentials, why);
        if (times == 1)
            printf("milliseconds=%d\n", LONGEST_MS - deadline_left_ms(started));
    }
    print(status, &credentials, why);
    credentials_free(&credentials);
}

int main(int argc, char **argv)
{
    struct policy *policy;
    struct host host = {.group = getegid()};

    if (argc < 3 || sandbox_prepare() != 0)
        return 1;
    signal(SIGPIPE, SIG_IGN);
    log_open();
    policy = load(argv[1]);
    host.policy = policy;
    if (policy == NULL || secret_arena_open((size_t)1024 * 1024) != 0 ||
        prepare(&host, argv[1]) != 0)
        return 1;
    fetch(&host, strtol(argv[2], NULL, 10), argc > 3 ? strtol(argv[3], NULL, 10) : 1);
    outside_close(host.outside);
    http_end();
    policy_free(policy);
    secret_arena_close();
    return 0;
}
