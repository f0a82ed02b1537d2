/*
 * One request and its one reply. What comes back is hostile until it is checked.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "pam_xacct/talk.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#define AUTH_INFO_NAME "SSH_AUTH_INFO_0"
/* Bytes of a greeting, which holds no more than a version. */
#define GREETING_MOST 1024

static const char *const operations[] = {
    [TASK_CHECK] = WIRE_OP_CHECK, [TASK_OPEN] = WIRE_OP_OPEN, [TASK_CLOSE] = WIRE_OP_CLOSE};

static int add_item(struct frame *request, const struct call *call, const char *key, int item)
{
    const void *value = NULL;

    if (pam_get_item(call->pamh, item, &value) != PAM_SUCCESS || value == NULL ||
        *(const char *)value == '\0')
        return 0;
    return frame_add(request, key, value);
}

static bool is_of_sshd(const struct call *call)
{
    const void *service = NULL;

    return pam_get_item(call->pamh, PAM_SERVICE, &service) == PAM_SUCCESS && service != NULL &&
           strcmp(service, "sshd") == 0;
}

/*
 * How sshd says that it authenticated the login. In the account phase it says so too early: nothing
 * yet, or the first of several methods.
 */
static int add_auth_info(struct frame *request, const struct call *call)
{
    const char *said;

    if (call->task != TASK_OPEN || !is_of_sshd(call))
        return 0;
    said = pam_getenv(call->pamh, AUTH_INFO_NAME);
    if (said == NULL || strlen(said) > WIRE_AUTH_INFO_MAX) {
        report_debug(call, AUTH_INFO_NAME " is %s", said == NULL ? "not set" : "too long");
        return 0;
    }
    return frame_add(request, WIRE_AUTH_INFO, said);
}

/*
 * What the kernel keeps of the login that this process comes from, where it does. What cannot be
 * read is not none: it says who it is.
 */
static int add_login(struct frame *request)
{
    int64_t uid, audit_session;
    int error = loginuid_of_self(&uid);

    if (error == 0)
        error = frame_add_number(request, WIRE_LOGINUID, uid);
    if (error == 0)
        error = audit_session_of_self(&audit_session);
    if (error == 0)
        error = frame_add_number(request, WIRE_AUDIT_ID, audit_session);
    return error == ENOENT ? 0 : error;
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

/* All of it but how much time there is, which is said last. Returns 0 or an errno. */
static int build_request(struct frame *request, const struct call *call, const char *session)
{
    int error;

    frame_clear(request);
    error = frame_add(request, FRAME_KEY_VERSION, FRAME_VERSION);
    if (error == 0)
        error = frame_add(request, WIRE_OP, operations[call->task]);
    if (error == 0)
        error = frame_add(request, WIRE_REFERENCE, call->reference);
    if (error == 0)
        error = frame_add(request, WIRE_USER, call->user);
    if (error == 0)
        error = add_item(request, call, WIRE_SERVICE, PAM_SERVICE);
    if (error == 0)
        error = add_item(request, call, WIRE_RHOST, PAM_RHOST);
    if (error == 0)
        error = add_item(request, call, WIRE_RUSER, PAM_RUSER);
    if (error == 0)
        error = add_item(request, call, WIRE_TTY, PAM_TTY);
    if (error == 0)
        error = add_login(request);
    if (error == 0)
        error = add_auth_info(request, call);
    if (error == 0 && call->task == TASK_OPEN)
        error = add_process(request);
    if (error == 0 && session != NULL)
        error = frame_add(request, WIRE_SESSION, session);
    if (error == 0 && call->options.debug)
        error = frame_add(request, WIRE_DEBUG, "1");
    if (error == 0 && !log_is_roots())
        error = frame_add(request, WIRE_LOG, "1");
    if (error == 0 && call->task == TASK_OPEN)
        error = proof_add(request, call);
    return error;
}

static bool means_hung_up(int error)
{
    return error == ENODATA || error == EPIPE || error == ECONNRESET;
}

/* What it means that `part` of the conversation, for which there were `ms`, failed with `error`. */
static enum talk talk_failed(struct call *call, const struct peer *peer, const char *part,
                             int64_t ms, int error)
{
    if (means_hung_up(error)) {
        outcome_set(call, STATUS_UNAVAILABLE, "the %s %s hung up before its %s", peer->kind,
                    peer->path, part);
        return TALK_BROKEN_OFF;
    }
    if (error == ETIMEDOUT)
        outcome_set(call, STATUS_UNAVAILABLE, "the %s %s: no %s within %lld ms", peer->kind,
                    peer->path, part, (long long)ms);
    else if (error == EBADMSG)
        outcome_set(call, STATUS_UNAVAILABLE,
                    "the %s %s: its %s is no well-formed frame, or too long for one", peer->kind,
                    peer->path, part);
    else
        outcome_set(call, STATUS_UNAVAILABLE, "the %s %s: the %s failed: %s", peer->kind,
                    peer->path, part, error_text(error));
    return TALK_FAILED;
}

static enum talk version_differs(struct call *call, const struct peer *peer,
                                 const struct frame *frame)
{
    const char *version = frame_get(frame, FRAME_KEY_VERSION);

    outcome_set(call, STATUS_UNAVAILABLE,
                "the %s %s and this module disagree on the version: it speaks %s, the module "
                "%s: bring both to the same release and restart what holds the older one",
                peer->kind, peer->path, version != NULL ? version : "none", FRAME_VERSION);
    return TALK_FAILED;
}

/* The frame in call->reply is the reply: takes its status and reason. */
static enum talk take_reply(struct call *call, const struct peer *peer)
{
    enum status status = status_from_name(frame_get(&call->reply, WIRE_STATUS));
    const char *reason = frame_get(&call->reply, WIRE_REASON);

    if (!frame_version_known(&call->reply))
        return version_differs(call, peer, &call->reply);
    /* Only a check may leave it to the session. */
    if (status == STATUS_COUNT || (status == STATUS_UNDECIDED && call->task != TASK_CHECK)) {
        outcome_set(call, STATUS_UNAVAILABLE,
                    "the %s %s: its reply has no status that this module knows", peer->kind,
                    peer->path);
        return TALK_FAILED;
    }
    outcome_set(call, status, "%s", reason != NULL ? reason : status_text(status));
    call->outcome.is_helpers = true;
    return TALK_ANSWERED;
}

/* Sends the request that is in call->reply, and wipes it. Returns 0 or an errno. */
static int send_request(struct call *call, const struct peer *peer)
{
    struct frame *request = &call->reply;
    int error = frame_add_number(request, WIRE_DEADLINE, deadline_left_ms(call->answer_by));

    if (error == 0)
        error = frame_send(request, peer->fd, call->answer_by);
    frame_wipe(request);
    return error;
}

/* As talk_with, with the request built in call->reply, or not: `built` is 0 or an errno. */
static enum talk go_on(struct call *call, const struct peer *peer, int built)
{
    unsigned char memory[GREETING_MOST];
    struct frame greeting;
    int error;

    frame_init(&greeting, memory, sizeof memory);
    error = frame_receive(&greeting, peer->fd, peer->greeting_by);
    if (error != 0)
        return talk_failed(call, peer, "greeting", peer->greeting_ms, error);
    if (!frame_version_known(&greeting))
        return version_differs(call, peer, &greeting);
    error = built == 0 ? send_request(call, peer) : built;
    /* Who hung up without listening may have left a reply all the same. */
    if (error != 0 && !means_hung_up(error))
        return talk_failed(call, peer, "request", call->answer_ms, error);
    error = frame_receive_ahead(&call->reply, peer->fd, call->answer_by);
    if (error != 0)
        return talk_failed(call, peer, "reply", call->answer_ms, error);
    return take_reply(call, peer);
}

enum talk talk_with(struct call *call, const struct peer *peer, const char *session)
{
    /* Now and not once it is greeted, as the other end is getting there meanwhile. */
    int built = build_request(&call->reply, call, session);
    enum talk talk = go_on(call, peer, built);

    if (talk != TALK_ANSWERED)
        frame_wipe(&call->reply);
    return talk;
}
