/*
 * Performs one POST for test_http.py: post_request URL TIMEOUT_MS LARGEST CA_BUNDLE-OR-NOTHING.
 * Prints what came of it, one NAME=VALUE a line, and the milliseconds that it took.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"
#include "helper/http.h"

static const char *const outcome_names[] = {
    [HTTP_ANSWERED] = "answered",       [HTTP_TIMED_OUT] = "timed-out",
    [HTTP_UNREACHABLE] = "unreachable", [HTTP_UNTRUSTED] = "untrusted",
    [HTTP_TOO_LARGE] = "too-large",     [HTTP_TRUNCATED] = "truncated",
    [HTTP_GARBLED] = "garbled",         [HTTP_FAILED] = "failed",
};

int main(int argc, char **argv)
{
    static const int longest_ms = 60000;
    struct http_request request = {.headers = {"Content-Type: text/plain", "X-Test: one"},
                                   .body = "some=body",
                                   .body_length = strlen("some=body")};
    struct http_response response;
    char shown[ESCAPE_MAX];
    struct deadline started;

    if (argc != 5 || secret_arena_open((size_t)2 * 1024 * 1024) != 0 || http_start() != 0)
        return 1;
    signal(SIGPIPE, SIG_IGN);
    request.url = argv[1];
    request.largest = strtoul(argv[3], NULL, 10);
    request.ca_bundle = *argv[4] != '\0' ? argv[4] : NULL;
    started = deadline_in_ms(longest_ms);
    http_post(&request, deadline_in_ms(strtol(argv[2], NULL, 10)), &response);
    printf("milliseconds=%d\n", longest_ms - deadline_left_ms(started));
    printf("outcome=%s\n", outcome_names[response.outcome]);
    printf("status=%ld\n", response.status);
    printf("date=%lld\n", (long long)response.date);
    printf("length=%zu\n", response.body.length);
    printf("body=%s\n",
           escape_bytes(shown, sizeof shown, response.body.bytes, response.body.length));
    printf("request_id=%s\n", escape(shown, sizeof shown, response.request_id));
    printf("content_type=%s\n", escape(shown, sizeof shown, response.content_type));
    printf("why=%s\n", escape(shown, sizeof shown, response.why));
    secret_free(&response.body);
    http_end();
    secret_arena_close();
    return 0;
}
