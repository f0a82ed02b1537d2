/*
 * One request to the helper and its one reply. What comes back is hostile until it is checked.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_xacct/internal.h"
#include "pam_xacct/spawn.h"

/* How long a helper that has replied, or has hung up, is waited for before it is killed. */
#define PATIENCE_MS 500

static const char *const operations[] = {
    [TASK_CHECK] = WIRE_OP_CHECK, [TASK_OPEN] = WIRE_OP_OPEN, [TASK_CLOSE] = WIRE_OP_CLOSE};

/* How a conversation came out. */
enum talk {
    TALK_ANSWERED,  /* a reply was taken into the call's outcome */
    TALK_FAILED,    /* the outcome says why there is none */
    TALK_BROKEN_OFF /* the helper hung up: its ending says why */
};

static int add_item(struct frame *request, const struct call *call, const char *key, int item)
{
    const void *value = NULL;

    if (pam_get_item(call->pamh, item, &value) != PAM_SUCCESS || value == NULL ||
        *(const char *)value == '\0')
        return 0;
    return frame_add(request, key, value);
}

/* Which process opens the session. */
static int add_process(struct frame *request)
{
    int64_t start_time = 0;
    int error = start_time_of_self(&start_time);

    if (error == 0)
        error = frame_add_number(request, WIRE_PID, getpid());
    if (error == 0)
        error = frame_add_number(request, WIRE_START_TIME, start_time);
    return error;
}

/* Returns 0 or an errno. */
static int build_request(struct frame *request, const struct call *call, const char *session)
{
    int error = frame_add(request, FRAME_KEY_VERSION, FRAME_VERSION);

    if (error == 0)
        error = frame_add(request, WIRE_OP, operations[call->task]);
    if (error == 0)
        error = frame_add(request, WIRE_REFERENCE, call->reference);
    if (error == 0)
        error = frame_add_number(request, WIRE_DEADLINE, deadline_left_ms(call->answer_by));
    if (error == 0)
        error = frame_add(request, WIRE_USER, call->user);
    if (error == 0)
        error = add_item(request, call, WIRE_SERVICE, PAM_SERVICE);
    if (error == 0)
        error = add_item(request, call, WIRE_RHOST, PAM_RHOST);
    if (error == 0)
        error = add_item(request, call, WIRE_TTY, PAM_TTY);
    if (error == 0 && call->task == TASK_OPEN)
        error = add_process(request);
    if (error == 0 && session != NULL)
        error = frame_add(request, WIRE_SESSION, session);
    if (error == 0 && call->options.debug)
        error = frame_add(request, WIRE_DEBUG, "1");
    return error;
}

/* What it means that `part` of the conversation failed with `error`. */
static enum talk talk_failed(struct call *call, const char *part, int error)
{
    switch (error) {
    case ENODATA:
    case EPIPE:
    case ECONNRESET:
        return TALK_BROKEN_OFF;
    case ETIMEDOUT:
        outcome_set(call, STATUS_UNAVAILABLE, "the helper %s: no %s within %lld ms",
                    call->options.helper, part, (long long)call->answer_ms);
        break;
    case EBADMSG:
        outcome_set(call, STATUS_UNAVAILABLE,
                    "the helper %s: its %s is no well-formed frame of at most 64 KiB",
                    call->options.helper, part);
        break;
    default:
        outcome_set(call, STATUS_UNAVAILABLE, "the helper %s: the %s failed: %s",
                    call->options.helper, part, error_text(error));
    }
    return TALK_FAILED;
}

static enum talk version_differs(struct call *call)
{
    const char *version = frame_get(&call->reply, FRAME_KEY_VERSION);

    outcome_set(call, STATUS_UNAVAILABLE,
                "the helper %s and this module disagree on the version: it speaks %s, the module "
                "%s: bring both to the same release and restart what holds the older module",
                call->options.helper, version != NULL ? version : "none", FRAME_VERSION);
    return TALK_FAILED;
}

/* The frame in call->reply is the reply: takes its status and reason. */
static enum talk take_reply(struct call *call)
{
    enum status status = status_from_name(frame_get(&call->reply, WIRE_STATUS));
    const char *reason = frame_get(&call->reply, WIRE_REASON);

    if (!frame_version_known(&call->reply))
        return version_differs(call);
    if (status == STATUS_COUNT) {
        outcome_set(call, STATUS_UNAVAILABLE,
                    "the helper %s: its reply has no status that this module knows",
                    call->options.helper);
        return TALK_FAILED;
    }
    outcome_set(call, status, "%s", reason != NULL ? reason : status_text(status));
    return TALK_ANSWERED;
}

static struct deadline patience_from_now(const struct call *call)
{
    return deadline_earlier(call->answer_by, deadline_in_ms(PATIENCE_MS));
}

/* Greeting, request, reply, and nothing behind it until *patience, which is set here. */
static enum talk converse(struct call *call, const char *session, struct frame *request, int talk,
                          struct deadline *patience)
{
    char more;
    int error;

    error = frame_receive(&call->reply, talk, call->answer_by);
    if (error != 0)
        return talk_failed(call, "greeting", error);
    if (!frame_version_known(&call->reply))
        return version_differs(call);
    error = build_request(request, call, session);
    if (error == 0)
        error = frame_send(request, talk, call->answer_by);
    if (error != 0)
        return talk_failed(call, "request", error);
    error = frame_receive(&call->reply, talk, call->answer_by);
    if (error != 0)
        return talk_failed(call, "reply", error);
    *patience = patience_from_now(call);
    if (deadline_wait(*patience, talk, POLLIN) == 0 && recv(talk, &more, 1, MSG_DONTWAIT) > 0) {
        outcome_set(call, STATUS_UNAVAILABLE, "the helper %s sent more than one reply",
                    call->options.helper);
        return TALK_FAILED;
    }
    return take_reply(call);
}

/* The helper hung up, or was never there: says why. */
static void explain_ending(struct call *call, const struct ending *ending)
{
    const char *helper = call->options.helper;
    int status = ending->wait_status;
    const char *signal = WIFSIGNALED(status) ? sigdescr_np(WTERMSIG(status)) : NULL;

    if (ending->failed != STAGE_NONE)
        outcome_set(call, outcome_of_error(ending->error), "the helper %s could not %s: %s", helper,
                    stage_text(ending->failed), error_text(ending->error));
    else if (!ending->ended)
        outcome_set(call, STATUS_UNAVAILABLE,
                    "the helper %s hung up without a reply and did not end", helper);
    else if (WIFSIGNALED(status))
        outcome_set(call, STATUS_UNAVAILABLE,
                    "the helper %s died of signal %d (%s) before it had replied", helper,
                    WTERMSIG(status), signal != NULL ? signal : "no name");
    else
        outcome_set(call, STATUS_UNAVAILABLE,
                    "the helper %s ended with exit status %d before it had replied", helper,
                    WEXITSTATUS(status));
}

/* Starts the helper for the call, talks to it and ends it. Returns whether it answered. */
static bool run_helper(struct call *call, const char *session, struct frame *request)
{
    const struct options *options = &call->options;
    const char *const arguments[] = {"xacct-helper", "--config", options->config, "--once", NULL};
    struct launch launch = {.program = options->helper,
                            .arguments = arguments,
                            .uid = call->helper_user.uid,
                            .gid = call->helper_user.gid};
    struct deadline patience;
    struct helper helper;
    struct ending ending;
    enum talk talk;
    int error = helper_start(&launch, &helper);

    if (error != 0) {
        outcome_set(call, STATUS_UNAVAILABLE, "no process for the helper %s can be started: %s",
                    options->helper, error_text(error));
        return false;
    }
    talk = converse(call, session, request, helper.talk, &patience);
    if (talk == TALK_FAILED)
        patience = deadline_in_ms(0);
    else if (talk == TALK_BROKEN_OFF)
        patience = patience_from_now(call);
    helper_end(&helper, patience, call->done_by, &ending);
    if (talk == TALK_BROKEN_OFF)
        explain_ending(call, &ending);
    return talk == TALK_ANSWERED;
}

bool exchange(struct call *call, const char *session)
{
    const size_t size = FRAME_HEADER + FRAME_MAX;
    unsigned char *request_memory = NULL, *reply_memory = NULL;
    struct frame request;
    bool answered = false;

    if (!program_is_trusted(call, call->options.helper))
        goto done;
    request_memory = malloc(size);
    reply_memory = malloc(size);
    if (request_memory == NULL || reply_memory == NULL) {
        outcome_set(call, STATUS_UNAVAILABLE, "not enough memory to talk to the helper");
        goto done;
    }
    frame_init(&request, request_memory, size);
    frame_init(&call->reply, reply_memory, size);
    reply_memory = NULL;
    answered = run_helper(call, session, &request);

done:
    free(request_memory);
    free(reply_memory);
    return answered;
}
