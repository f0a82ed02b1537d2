/*
 * What the module makes of a helper's or a service's answer: pam_xacct/talk.h, environment.c and
 * report.c of pam_xacct/internal.h. Greeting and reply have an empty line between them, and a line
 * for each string.
 *
 * libpam is stood in for here, so that what it would be told can be looked at.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <security/pam_ext.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "pam_xacct/talk.h"
#include "tests/fuzz/lines.h"

#define VARIABLES 64

struct pam_handle {
    char *variables[VARIABLES];
    size_t count;
};

static const char *const names[] = {WIRE_ENVIRONMENT, "XACCT_ERROR"};

static int listen_to(int count, const struct pam_message **messages, struct pam_response **answers,
                     void *data)
{
    (void)count;
    (void)messages;
    (void)answers;
    (void)data;
    return PAM_SUCCESS;
}

int pam_get_item(const pam_handle_t *pamh, int item, const void **value)
{
    static const struct pam_conv conversation = {listen_to, NULL};

    (void)pamh;
    *value = item == PAM_SERVICE ? (const void *)"sshd"
             : item == PAM_CONV  ? (const void *)&conversation
                                 : NULL;
    return PAM_SUCCESS;
}

/* The place of the variable that is called as `string` is up to its "=" or end. */
static size_t find(const pam_handle_t *pamh, const char *string)
{
    size_t length = strcspn(string, "="), i;

    for (i = 0; i < pamh->count; i++)
        if (strncmp(pamh->variables[i], string, length) == 0 && pamh->variables[i][length] == '=')
            break;
    return i;
}

const char *pam_getenv(pam_handle_t *pamh, const char *name)
{
    size_t i = find(pamh, name);

    return i < pamh->count ? pamh->variables[i] + strlen(name) + 1 : NULL;
}

int pam_putenv(pam_handle_t *pamh, const char *string)
{
    size_t i = find(pamh, string);

    fuzz_need(pamh->count < VARIABLES, "room for variables");
    if (strchr(string, '=') == NULL) {
        /* libpam logs an error where it is not there. */
        PROMISE(i < pamh->count);
        free(pamh->variables[i]);
        pamh->variables[i] = pamh->variables[--pamh->count];
        return PAM_SUCCESS;
    }
    if (i < pamh->count)
        free(pamh->variables[i]);
    else
        pamh->count++;
    pamh->variables[i] = strdup(string);
    fuzz_need(pamh->variables[i] != NULL, "strdup");
    return PAM_SUCCESS;
}

/* What is said or logged is one line of printable ASCII. */
__attribute__((format(printf, 1, 0))) static void look_at_line(const char *format,
                                                               va_list arguments)
{
    char *line;

    fuzz_need(vasprintf(&line, format, arguments) >= 0, "vasprintf");
    PROMISE(fuzz_is_printable(line));
    free(line);
}

void pam_vsyslog(const pam_handle_t *pamh, int priority, const char *format, va_list arguments)
{
    (void)pamh;
    (void)priority;
    look_at_line(format, arguments);
}

void pam_syslog(const pam_handle_t *pamh, int priority, const char *format, ...)
{
    va_list arguments;

    (void)pamh;
    (void)priority;
    va_start(arguments, format);
    look_at_line(format, arguments);
    va_end(arguments);
}

int pam_prompt(pam_handle_t *pamh, int style, char **response, const char *format, ...)
{
    va_list arguments;

    (void)pamh;
    (void)style;
    (void)response;
    va_start(arguments, format);
    look_at_line(format, arguments);
    va_end(arguments);
    return PAM_SUCCESS;
}

static bool is_good_value(const char *value)
{
    const char *byte;

    for (byte = value; *byte != '\0'; byte++)
        if ((unsigned char)*byte < ' ' || *byte == 0x7f)
            return false;
    return *value != '\0';
}

/* Whatever a helper says, the login process gets no variable but ours, and no part of a key. */
static void look_at_variables(pam_handle_t *pamh, bool exported)
{
    bool key = pam_getenv(pamh, "AWS_ACCESS_KEY_ID") != NULL;
    size_t i, j;

    PROMISE(exported || pamh->count == 0);
    for (i = 0; i < pamh->count; i++) {
        size_t length = strcspn(pamh->variables[i], "=");

        for (j = 0; j < sizeof names / sizeof *names; j++)
            if (strlen(names[j]) == length && strncmp(names[j], pamh->variables[i], length) == 0)
                break;
        PROMISE(j < sizeof names / sizeof *names);
        PROMISE(is_good_value(pamh->variables[i] + length + 1));
    }
    PROMISE((pam_getenv(pamh, "AWS_SECRET_ACCESS_KEY") != NULL) == key);
    PROMISE((pam_getenv(pamh, "AWS_SESSION_TOKEN") != NULL) == key);
}

/* Of the request, which had the same memory, nothing is left behind the reply. */
static void look_behind_reply(const struct frame *reply)
{
    size_t i;

    for (i = reply->length; i < LINES_MOST && reply->memory[i] == 0; i++)
        continue;
    PROMISE(i == LINES_MOST);
}

static void ask(struct call *call, enum task task, int fd)
{
    const struct peer peer = {fd, "service", "/run/xacct/socket", deadline_in_ms(1000), 500};
    enum talk talk;
    bool exported = false;

    call->task = task;
    call->answer_by = deadline_in_ms(1000);
    strcpy(call->reference, "K7QW3M2P");
    talk = talk_with(call, &peer, task == TASK_CLOSE ? "0123456789abcdef0123456789abcdef" : NULL);
    PROMISE(talk != TALK_ABSENT && call->outcome.status < STATUS_COUNT);
    PROMISE(call->outcome.reason[0] != '\0' || talk == TALK_ANSWERED);
    PROMISE(fuzz_is_printable(call->outcome.reason));
    look_behind_reply(&call->reply);
    if (talk != TALK_ANSWERED) {
        PROMISE(call->outcome.status == STATUS_UNAVAILABLE);
        PROMISE(call->reply.length == FRAME_HEADER);
    } else if (call->outcome.status == STATUS_PERMITTED) {
        exported = environment_export(call);
        PROMISE(exported || call->outcome.status == STATUS_UNAVAILABLE);
        if (exported)
            fuzz_accept();
    }
    look_at_variables(call->pamh, exported);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    static unsigned char memory[LINES_MOST];
    static const enum task tasks[] = {TASK_OPEN, TASK_CHECK, TASK_CLOSE};
    struct pam_handle handle = {.count = 0};
    struct call call = {.pamh = &handle, .user = "alice"};
    int ends[2];

    fuzz_need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
    call.options.debug = true;
    frame_init(&call.reply, memory, sizeof memory);
    send_frames(ends[0], (struct fuzz_input){bytes, length}, 2);
    ask(&call, tasks[length % 3], ends[1]);
    report(&call);
    environment_clear(&handle);
    PROMISE(handle.count == 0);
    frame_wipe(&call.reply);
    close(ends[0]);
    close(ends[1]);
    return 0;
}
