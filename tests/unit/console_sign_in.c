/*
 * Asks for one console URL for test_console.py. Its arguments are NAME=VALUE. Prints what came
 * of it, one NAME=VALUE a line.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <signal.h>
#include <stdio.h>

#include "arguments.h"
#include "helper/console.h"
#include "helper/http.h"

int main(int argc, char **argv)
{
    struct console console;
    struct credentials credentials = {0};
    struct outcome outcome = {0};
    struct secret url = {0};
    enum status status;

    if (argc < 2 || secret_arena_open((size_t)2 * 1024 * 1024) != 0 || http_start() != 0)
        return 1;
    signal(SIGPIPE, SIG_IGN);
    console = (struct console){.endpoint = argument(argv, "endpoint", 0),
                               .ca_bundle = argument(argv, "ca_bundle", 0),
                               .proxy = argument(argv, "proxy", 0),
                               .role_arn = argument(argv, "role_arn", 0),
                               .region = argument(argv, "region", 0)};
    snprintf(credentials.access_key_id, sizeof credentials.access_key_id, "%s",
             argument(argv, "access_key_id", 0));
    credentials.secret_access_key = secret_argument(argv, "secret_access_key");
    credentials.session_token = secret_argument(argv, "session_token");
    status = console_url(&console, &credentials, deadline_in_ms(number(argv, "timeout_ms", 0)),
                         &url, &outcome);
    printf("status=%s\n", status_name(status));
    if (status == STATUS_PERMITTED)
        printf("url=%s\n", url.bytes);
    else
        printf("reason=%s\n", outcome.reason);
    secret_free(&url);
    credentials_free(&credentials);
    http_end();
    secret_arena_close();
    return status == outcome.status ? 0 : 1;
}
