/*
 * Fetches base credentials by what runs outside the sandbox, or by Roles Anywhere, for
 * test_process.py and test_roles_anywhere.py: fetch_outside CONFIG TIMEOUT_MS loads a
 * policy, starts what it needs, closes the sandbox as the helper does, and fetches those of [base].
 * Prints what came of it, one NAME=VALUE a line, and the milliseconds that it took.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base_print.h"
#include "helper/folders.h"
#include "helper/http.h"
#include "helper/log.h"
#include "helper/outside.h"
#include "helper/sandbox.h"
#include "policy/load.h"

#define LONGEST_MS 60000

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

static void fetch(const struct host *host, long timeout_ms)
{
    base_source_fetch *source =
        host->policy->base->source == BASE_PROCESS ? base_process_fetch : base_roles_anywhere_fetch;
    struct deadline started = deadline_in_ms(LONGEST_MS);
    struct credentials credentials = {0};
    char why[BASE_WHY_SIZE] = "";
    enum status status =
        source(host, host->policy->base, deadline_in_ms(timeout_ms), &credentials, why);

    printf("milliseconds=%d\n", LONGEST_MS - deadline_left_ms(started));
    base_print(status, &credentials, why);
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
    fetch(&host, strtol(argv[2], NULL, 10));
    outside_close(host.outside);
    http_end();
    policy_free(policy);
    secret_arena_close();
    return 0;
}
