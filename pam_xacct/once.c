/*
 * The second way to the helper: it is started for one request.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include "pam_xacct/spawn.h"
#include "pam_xacct/talk.h"

/* How long a helper that has replied, or has hung up, is waited for before it is killed. */
#define PATIENCE_MS 500

/* Whether the helper's program is one that nobody but root can have put there. */
static bool program_is_trusted(struct call *call)
{
    struct path_fault fault;

    if (path_is_trusted(call->options.helper, PATH_PROGRAM, 0, &fault))
        return true;
    outcome_set(call, fault.error != 0 ? outcome_of_error(fault.error) : STATUS_MISCONFIGURED,
                "the helper %s cannot be used: %s: %s", call->options.helper, fault.step,
                fault.what);
    return false;
}

static struct deadline patience_from_now(const struct call *call)
{
    return deadline_earlier(call->answer_by, deadline_in_ms(PATIENCE_MS));
}

/* A reply came in. Until `patience` nothing may stand behind it, nor may anything have come with
 * it. */
static enum talk expect_the_end(struct call *call, int fd, struct deadline patience)
{
    char more;

    if (call->reply.behind == 0 &&
        (deadline_wait(patience, fd, POLLIN) != 0 || recv(fd, &more, 1, MSG_DONTWAIT) <= 0))
        return TALK_ANSWERED;
    outcome_set(call, STATUS_UNAVAILABLE, "the helper %s sent more than one reply",
                call->options.helper);
    return TALK_FAILED;
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

bool once_ask(struct call *call, const char *session)
{
    const struct options *options = &call->options;
    const char *const arguments[] = {"xacct-helper",
                                     "--config",
                                     options->config,
                                     "--once",
                                     options->state != NULL ? "--state" : NULL,
                                     options->state,
                                     NULL};
    struct launch launch = {.program = options->helper,
                            .arguments = arguments,
                            .uid = call->helper_user.uid,
                            .gid = call->helper_user.gid};
    struct peer peer = {.kind = "helper",
                        .path = options->helper,
                        .greeting_by = call->answer_by,
                        .greeting_ms = call->answer_ms};
    struct deadline patience;
    struct helper helper;
    struct ending ending;
    enum talk talk;
    int error;

    if (!program_is_trusted(call))
        return false;
    error = helper_start(&launch, &helper);
    if (error != 0) {
        outcome_set(call, STATUS_UNAVAILABLE, "no process for the helper %s can be started: %s",
                    options->helper, error_text(error));
        return false;
    }
    peer.fd = helper.talk;
    talk = talk_with(call, &peer, session);
    patience = patience_from_now(call);
    if (talk == TALK_ANSWERED)
        talk = expect_the_end(call, peer.fd, patience);
    if (talk == TALK_FAILED)
        patience = deadline_in_ms(0);
    helper_end(&helper, patience, call->done_by, &ending);
    if (talk == TALK_BROKEN_OFF)
        explain_ending(call, &ending);
    return talk == TALK_ANSWERED;
}
