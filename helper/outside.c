/*
 * What runs outside, seen from the helper.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/outside.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/escape.h"
#include "helper/child.h"
#include "helper/log.h"
#include "helper/outside_forker.h"
#include "helper/sandbox.h"
#include "helper/task.h"

#define OUTPUT_MAX ((size_t)64 * 1024)
#define SAID_MAX   ((size_t)256)     /* of a line of standard error, in a message */
#define EARLIER_NS INT64_C(50000000) /* than we give up the keeper does, so that we hear why */

/* What counts of a base for what runs: its texts, one behind the other. */
struct known {
    char *bytes;
    size_t length;
};

struct outside {
    pid_t pid;
    int channel;
    bool broken;
    bool watched;
    struct task_watcher watcher;
    struct known closed; /* the files of all bases, which what runs may not read */
    size_t count;
    struct known bases[];
};

/* Our ends of one run. */
struct run {
    int control;
    int output;
};

/* Writes a text with its length, so that no two lists of texts come to the same. */
static void put(FILE *out, const char *text)
{
    if (text == NULL)
        fputs("-,", out);
    else
        fprintf(out, "%zu:%s,", strlen(text), text);
}

/* Describes a base. Returns 0 or ENOMEM. */
static int know(struct known *known, const struct base *base)
{
    FILE *out = open_memstream(&known->bytes, &known->length);
    size_t i;

    if (out == NULL)
        return ENOMEM;
    put(out, base->name);
    put(out, base->key);
    put(out, base->pkcs11_module);
    put(out, base->pin_file);
    for (i = 0; i < base->command.count; i++)
        put(out, base->command.items[i]);
    return fclose(out) == 0 ? 0 : ENOMEM;
}

/* Describes the files of all bases. Returns 0 or ENOMEM. */
static int know_closed(struct known *known, const struct policy *policy)
{
    FILE *out = open_memstream(&known->bytes, &known->length);
    size_t i;

    if (out == NULL)
        return ENOMEM;
    for (i = 0; i < policy->base_count; i++) {
        put(out, policy->bases[i].file);
        put(out, policy->bases[i].token_file);
        put(out, policy->bases[i].key);
        put(out, policy->bases[i].pin_file);
    }
    return fclose(out) == 0 ? 0 : ENOMEM;
}

/* Whether two descriptions are one; `error` is what came of making the second, which is freed. */
static bool is_known_as(const struct known *known, int error, struct known other)
{
    bool same = error == 0 && other.length == known->length &&
                memcmp(other.bytes, known->bytes, known->length) == 0;

    free(other.bytes);
    return same;
}

static bool is_known_base(const struct known *known, const struct base *base)
{
    struct known other = {NULL, 0};
    int error = know(&other, base);

    return is_known_as(known, error, other);
}

static bool closes_the_same(const struct known *known, const struct policy *policy)
{
    struct known other = {NULL, 0};
    int error = know_closed(&other, policy);

    return is_known_as(known, error, other);
}

int outside_open(const struct policy *policy, struct outside **outside)
{
    struct outside *opened;
    size_t count = 0;
    int error = 0;

    *outside = NULL;
    while (policy != NULL && outside_forker_base(policy, count) != NULL)
        count++;
    if (count == 0)
        return 0;
    opened = calloc(1, sizeof *opened + count * sizeof opened->bases[0]);
    if (opened == NULL)
        return ENOMEM;
    opened->channel = -1;
    error = know_closed(&opened->closed, policy);
    for (; opened->count < count && error == 0; opened->count++)
        error = know(&opened->bases[opened->count], outside_forker_base(policy, opened->count));
    if (error == 0)
        error = child_start(sandbox_close_outside, outside_forker_run, policy, &opened->pid,
                            &opened->channel);
    if (error == 0)
        *outside = opened;
    else
        outside_close(opened);
    return error;
}

void outside_close(struct outside *outside)
{
    size_t i;

    if (outside == NULL)
        return;
    if (outside->watched)
        task_unwatch(&outside->watcher);
    if (outside->channel >= 0)
        close(outside->channel);
    if (outside->pid > 0) {
        kill(outside->pid, SIGKILL);
        while (waitpid(outside->pid, NULL, 0) < 0 && errno == EINTR)
            continue;
    }
    for (i = 0; i < outside->count; i++)
        free(outside->bases[i].bytes);
    free(outside->closed.bytes);
    free(outside);
}

bool outside_serves(const struct outside *outside, const struct policy *policy)
{
    const size_t count = outside != NULL ? outside->count : 0;
    const struct base *base;
    size_t i;

    for (i = 0; (base = outside_forker_base(policy, i)) != NULL; i++)
        if (i == count || !is_known_base(&outside->bases[i], base))
            return false;
    return i == count && (i == 0 || closes_the_same(&outside->closed, policy));
}

/* Nothing can be run any more. Once. */
static void break_down(void *argument)
{
    struct outside *outside = argument;

    if (outside->broken)
        return;
    log_error("the process that runs what is outside the sandbox has ended: it cannot be replaced "
              "until the helper is started anew");
    outside->broken = true;
    if (outside->watched)
        task_unwatch(&outside->watcher);
    outside->watched = false;
}

int outside_watch(struct outside *outside)
{
    int error;

    if (outside == NULL)
        return 0;
    outside->watcher =
        (struct task_watcher){.ready = break_down, .argument = outside, .fd = outside->channel};
    error = task_watch(&outside->watcher);
    outside->watched = error == 0;
    return error;
}

bool outside_is_broken(const struct outside *outside)
{
    return outside != NULL && outside->broken;
}

/* Sets the request's number to that of the base. Returns 0 or ESTALE. */
static int find_base(const struct outside *outside, const struct base *base,
                     struct outside_request *request, char *why, size_t why_size)
{
    const size_t count = outside != NULL ? outside->count : 0;

    for (request->number = 0; request->number < count; request->number++)
        if (is_known_base(&outside->bases[request->number], base))
            return 0;
    snprintf(why, why_size,
             "the policy has changed since the helper started; it has to be started "
             "anew for this, and the next one will be");
    return ESTALE;
}

/* Makes the pipe and the socket of a run and hands their other ends over. Returns 0 or an errno. */
static int begin(struct outside *outside, const struct outside_request *request, struct run *run)
{
    int control[2] = {-1, -1}, output[2] = {-1, -1}, error = 0;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, control) != 0 ||
        pipe2(output, O_CLOEXEC) != 0 || fcntl(output[0], F_SETFL, O_NONBLOCK) != 0)
        error = errno;
    if (error == 0)
        error = outside_forker_ask(
            outside->channel, request,
            (int[HANDOVER_COUNT]){[OUTSIDE_CONTROL] = control[1], [OUTSIDE_OUTPUT] = output[1]});
    if (error == EPIPE)
        break_down(outside);
    *run = (struct run){control[0], output[0]};
    if (control[1] >= 0)
        close(control[1]);
    if (output[1] >= 0)
        close(output[1]);
    return error;
}

/* Reads the output up to its end. Returns 0, EMSGSIZE, or an errno. */
static int read_output(const struct run *run, struct secret *buffer, size_t *length,
                       struct deadline deadline)
{
    ssize_t n;

    for (*length = 0; *length < buffer->length; *length += (size_t)n) {
        int error = task_wait_fd(run->output, POLLIN, deadline);

        if (error != 0)
            return error;
        n = read(run->output, buffer->bytes + *length, buffer->length - *length);
        if (n == 0)
            return 0;
        if (n < 0 && errno != EAGAIN && errno != EINTR)
            return errno;
        if (n < 0)
            n = 0;
    }
    return EMSGSIZE;
}

/* Takes the keeper's word on how it ended. Returns 0, EPIPE when there is none, or an errno. */
static int receive_ending(const struct run *run, struct outside_ending *ending,
                          struct deadline deadline)
{
    int error = task_wait_fd(run->control, POLLIN, deadline);

    if (error != 0)
        return error;
    if (recv(run->control, ending, sizeof *ending, MSG_DONTWAIT) != sizeof *ending)
        return EPIPE;
    ending->said[sizeof ending->said - 1] = '\0';
    return 0;
}

/* Puts how it ended into words. Returns 0 where it ended well, or the errno that stands for it. */
static int explain_ending(const struct outside_ending *ending, char *why, size_t why_size)
{
    char line[SAID_MAX];
    const char *first = ending->said + strspn(ending->said, "\r\n");
    size_t length = strcspn(first, "\r\n");
    const char *said = length > 0 ? ", and said: " : ", and said nothing on standard error";

    escape_bytes(line, sizeof line, first, length);
    switch (ending->how) {
    case OUTSIDE_EXITED:
        if (ending->code == 0)
            return 0;
        snprintf(why, why_size, "it ended with status %d%s%s", ending->code, said, line);
        return EIO;
    case OUTSIDE_KILLED:
        snprintf(why, why_size, "it was ended by signal %d%s%s", ending->code, said, line);
        return EIO;
    case OUTSIDE_LATE:
        snprintf(why, why_size, "it was killed as it had not ended in time%s%s", said, line);
        return ETIMEDOUT;
    case OUTSIDE_REFUSED:
        snprintf(why, why_size, "%s", ending->said);
        return EACCES;
    default:
        snprintf(why, why_size, "it could not be started: %s", strerror(ending->code));
        return EAGAIN;
    }
}

/* Says what went wrong on our own side. Returns the errno that stands for it. */
static int explain_error(int error, char *why, size_t why_size)
{
    if (error == EMSGSIZE)
        snprintf(why, why_size, "it printed more than %zu bytes", OUTPUT_MAX);
    else if (error == ETIMEDOUT)
        snprintf(why, why_size, "it was killed as it had not ended in time");
    else if (error == EPIPE)
        snprintf(why, why_size, "the process that runs it has ended, or cannot make another");
    else
        snprintf(why, why_size, "it could not be run: %s", strerror(error));
    return error == EMSGSIZE ? EIO : error;
}

/* One run, from its start to its end. Returns as outside_run. */
static int perform(struct outside *outside, const struct outside_request *request,
                   struct deadline deadline, struct secret *output, char *why, size_t why_size)
{
    struct run run = {-1, -1};
    struct secret buffer = {0};
    struct outside_ending ending = {.how = OUTSIDE_FAILED};
    size_t length = 0;
    int error = secret_new(&buffer, OUTPUT_MAX + 1);

    if (error == 0)
        error = begin(outside, request, &run);
    if (error == 0)
        error = read_output(&run, &buffer, &length, deadline);
    if (error == 0)
        error = receive_ending(&run, &ending, deadline);
    error =
        error == 0 ? explain_ending(&ending, why, why_size) : explain_error(error, why, why_size);
    if (error == 0 && secret_copy(output, buffer.bytes, length) != 0)
        error = explain_error(ENOMEM, why, why_size);
    secret_free(&buffer);
    /* The keeper kills what still runs. */
    if (run.control >= 0)
        close(run.control);
    if (run.output >= 0)
        close(run.output);
    return error;
}

int outside_run(struct outside *outside, const struct base *base, struct deadline deadline,
                struct secret *output, char *why, size_t why_size)
{
    struct outside_request request = {.deadline = {deadline.ns - EARLIER_NS}};
    int error = find_base(outside, base, &request, why, why_size);

    *output = (struct secret){0};
    return error == 0 ? perform(outside, &request, deadline, output, why, why_size) : error;
}

int outside_sign(struct outside *outside, const struct base *base, enum outside_key kind,
                 const void *bytes, size_t length, unsigned char *signature,
                 size_t *signature_length, struct deadline deadline, char *why, size_t why_size)
{
    struct outside_request request = {
        .deadline = {deadline.ns - EARLIER_NS}, .kind = kind, .length = length};
    struct secret output = {0};
    int error = find_base(outside, base, &request, why, why_size);

    if (error != 0)
        return error;
    if (length > sizeof request.bytes)
        return explain_error(E2BIG, why, why_size);
    memcpy(request.bytes, bytes, length);
    error = perform(outside, &request, deadline, &output, why, why_size);
    if (error == 0 && (output.length == 0 || output.length > *signature_length)) {
        snprintf(why, why_size, "it gave %zu bytes as a signature", output.length);
        error = EIO;
    }
    if (error == 0) {
        memcpy(signature, output.bytes, output.length);
        *signature_length = output.length;
    }
    secret_free(&output);
    return error;
}
