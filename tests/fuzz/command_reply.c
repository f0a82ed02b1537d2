/*
 * What the command makes of a service's answer: xacct/client.h, xacct/roles.h, xacct/variables.h
 * and the text for shells that comes of it, xacct/shell_text.h. Greeting and frames have an empty
 * line between them, and a line for each string.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "tests/fuzz/lines.h"
#include "xacct/roles.h"
#include "xacct/shell_text.h"
#include "xacct/variables.h"

/* The client's end of the talk, which connect() below puts in place of its socket. */
static int service = -1;

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    /* Nothing of the machine's user is looked at, or written. */
    fuzz_need(setenv("HOME", fuzz_folder(), 1) == 0 && unsetenv("XDG_CACHE_HOME") == 0, "setenv");
    return 0;
}

/* In place of libc's: there is one service here, and it is connected already. */
int connect(int fd, __CONST_SOCKADDR_ARG address, socklen_t length)
{
    (void)address;
    (void)length;
    return dup2(service, fd) == fd ? 0 : -1;
}

/* Reads a value in the quotes of sh or fish, up to its ";"; it must be what was to be set. */
static const char *unquote(const char *text, const char *value, bool fish)
{
    PROMISE(*text++ == '\'');
    while (*text != '\'' || (!fish && strncmp(text, "'\\''", 4) == 0)) {
        if (!fish && *text == '\'')
            text += 3;
        else if (fish && *text == '\\')
            text++;
        PROMISE(*text != '\0' && *text++ == *value++);
    }
    PROMISE(*value == '\0' && strncmp(text, "';\n", 3) == 0);
    return text + 3;
}

/* A shell that evaluates the text sets these variables to these values, and does nothing else. */
static void look_at_shell(const struct frame *reply, const char *dialect, const char *statement)
{
    struct text text = TEXT_EMPTY;
    size_t cursor = 0;
    const char *string, *at;
    char why[256];

    PROMISE(shell_text_set(dialect_find(dialect), reply, &text, why, sizeof why));
    at = text.bytes;
    while ((string = variables_next(reply, &cursor)) != NULL) {
        size_t length = strcspn(string, "=");

        PROMISE(strncmp(at, statement, strlen(statement)) == 0);
        at += strlen(statement);
        PROMISE(strncmp(at, string, length) == 0 && (at[length] == '=' || at[length] == ' '));
        at = unquote(at + length + 1, string + length + 1, statement[0] == 's');
    }
    PROMISE(*at == '\0');
    text_free(&text);
}

static void look_at_environment(const struct frame *reply)
{
    char why[1024] = "";

    if (!variables_check(reply, why, sizeof why)) {
        PROMISE(why[0] != '\0');
        return;
    }
    look_at_shell(reply, "sh", "export ");
    look_at_shell(reply, "fish", "set -gx ");
}

static void look_at_roles(const struct roles *roles)
{
    char hint[2048];
    size_t i;

    for (i = 0; i < roles->count; i++) {
        PROMISE(roles->all[i].name != NULL && roles->all[i].duration >= 0);
        PROMISE(roles_find(roles, roles->all[i].name) != NULL);
    }
    PROMISE(fuzz_is_printable(roles_hint(roles, "c", hint, sizeof hint)));
}

/* Has `talk` talk to a service that says what the input says. */
static void with_service(struct fuzz_input input, void (*talk)(struct client *client))
{
    struct client client;
    int ends[2];

    fuzz_need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
    service = ends[1];
    send_frames(ends[0], input, SIZE_MAX);
    client_init(&client, "/run/xacct/socket");
    talk(&client);
    client_close(&client);
    close(ends[0]);
    close(ends[1]);
}

static void list(struct client *client)
{
    struct roles roles;

    if (roles_ask(client, 1000, &roles)) {
        look_at_roles(&roles);
        fuzz_accept();
    } else {
        PROMISE(client->failure[0] != '\0' && fuzz_is_printable(client->failure));
        PROMISE(roles.count == 0);
    }
    roles_free(&roles);
}

static void assume(struct client *client)
{
    const struct question question = {
        .op = WIRE_OP_ASSUME, .role = "r", .purpose = WIRE_PURPOSE_ENV, .timeout_ms = 1000};

    if (client_ask(client, &question) == ANSWER_PERMITTED)
        look_at_environment(&client->reply);
    else
        PROMISE(client->failure[0] != '\0' && fuzz_is_printable(client->failure));
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    with_service((struct fuzz_input){bytes, length}, list);
    with_service((struct fuzz_input){bytes, length}, assume);
    return 0;
}
