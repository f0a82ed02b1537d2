/*
 * Asks for one console URL for test_console.py. Its arguments are NAME=VALUE. Prints what came
 * of it, one NAME=VALUE a line.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/console.h"
#include "helper/http.h"

static int count;
static char **values;

/* The value of the argument NAME=VALUE, or NULL. */
static char *argument(const char *name)
{
    size_t length = strlen(name);
    int i;

    for (i = 1; i < count; i++)
        if (strncmp(values[i], name, length) == 0 && values[i][length] == '=')
            return values[i] + length + 1;
    return NULL;
}

static struct secret secret_argument(const char *name)
{
    const char *value = argument(name);
    struct secret secret = {0};

    if (value == NULL || secret_copy(&secret, value, strlen(value)) != 0)
        exit(1);
    return secret;
}

int main(int argc, char **argv)
{
    struct console console;
    struct credentials credentials = {0};
    struct outcome outcome = {0};
    struct secret url = {0};
    enum status status;

    count = argc;
    values = argv;
    if (secret_arena_open((size_t)2 * 1024 * 1024) != 0 || http_start() != 0)
        return 1;
    signal(SIGPIPE, SIG_IGN);
    console = (struct console){.endpoint = argument("endpoint"),
                               .ca_bundle = argument("ca_bundle"),
                               .proxy = argument("proxy"),
                               .role_arn = argument("role_arn"),
                               .region = argument("region")};
    snprintf(credentials.access_key_id, sizeof credentials.access_key_id, "%s",
             argument("access_key_id"));
    credentials.secret_access_key = secret_argument("secret_access_key");
    credentials.session_token = secret_argument("session_token");
    status = console_url(&console, &credentials,
                         deadline_in_ms(strtol(argument("timeout_ms"), NULL, 10)), &url, &outcome);
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
