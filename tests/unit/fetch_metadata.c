/*
 * Fetches base credentials from a metadata service for test_metadata.py. Its arguments are
 * NAME=VALUE: source (imds or container), timeout_ms, and perhaps endpoint, other (a second
 * endpoint, asked in turn with the first), ipv6, token_file, ca_bundle, proxy, and times. Prints
 * what came of the last fetch, one NAME=VALUE a line, and the milliseconds that it took.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "arguments.h"
#include "base_print.h"
#include "helper/http.h"

#define LONGEST_MS 60000

int main(int argc, char **argv)
{
    char *endpoint, *other;
    struct base base = {.source = BASE_IMDS};
    struct policy policy = {.bases = &base, .base_count = 1};
    struct host host = {.policy = &policy, .group = getegid()};
    base_source_fetch *fetch = base_imds_fetch;
    struct credentials credentials = {0};
    enum status status = STATUS_UNAVAILABLE;
    char why[BASE_WHY_SIZE];
    long times, i;

    if (argc < 2 || secret_arena_open((size_t)2 * 1024 * 1024) != 0)
        return 1;
    signal(SIGPIPE, SIG_IGN);
    if (strcmp(argument(argv, "source", 0), "container") == 0)
        fetch = base_container_fetch;
    endpoint = argument(argv, "endpoint", 0);
    other = argument(argv, "other", 0);
    base.ipv6 = argument(argv, "ipv6", 0) != NULL;
    base.token_file = argument(argv, "token_file", 0);
    policy.ca_bundle = argument(argv, "ca_bundle", 0);
    policy.proxy = argument(argv, "proxy", 0);
    times = number(argv, "times", 1);
    for (i = 0; i < times; i++) {
        struct deadline started = deadline_in_ms(LONGEST_MS);

        credentials_free(&credentials);
        why[0] = '\0';
        base.endpoint = other != NULL && i % 2 == 1 ? other : endpoint;
        status =
            fetch(&host, &base, deadline_in_ms(number(argv, "timeout_ms", 0)), &credentials, why);
        if (i == times - 1)
            printf("milliseconds=%d\n", LONGEST_MS - deadline_left_ms(started));
    }
    base_print(status, &credentials, why);
    credentials_free(&credentials);
    http_end();
    secret_arena_close();
    return 0;
}
