/*
 * The session calls, and what is kept between them: the id that the helper gave the session.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <security/pam_ext.h>
#include <stdlib.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "common/escape.h"
#include "pam_xacct/internal.h"

#define KEPT_NAME "pam_xacct_session"

/* Kept by PAM for the handle. */
struct kept_session {
    pid_t pid; /* that opened it: a copy of the handle in a forked process has opened nothing */
    char id[SESSION_ID_SIZE];
    char user[]; /* PAM_USER at that time */
};

/* Frees memory and no more: it also runs in forked processes that end with a copy of the handle. */
static void free_kept(pam_handle_t *pamh, void *kept, int status)
{
    (void)pamh, (void)status;
    free(kept);
}

/* What this handle has open, PAM's, or NULL. */
static const struct kept_session *kept_session(const struct call *call)
{
    const void *kept = NULL;

    if (pam_get_data(call->pamh, KEPT_NAME, &kept) != PAM_SUCCESS)
        return NULL;
    return kept;
}

/* Keeps the id of a session that was opened. Returns whether; else sets the outcome. */
static bool keep_session(struct call *call, const char *id)
{
    size_t user_size = strlen(call->user) + 1;
    struct kept_session *kept = malloc(sizeof *kept + user_size);

    if (kept == NULL) {
        outcome_set(call, STATUS_UNAVAILABLE, "not enough memory to keep the session's id");
        return false;
    }
    kept->pid = getpid();
    memcpy(kept->id, id, SESSION_ID_SIZE);
    memcpy(kept->user, call->user, user_size);
    if (pam_set_data(call->pamh, KEPT_NAME, kept, free_kept) != PAM_SUCCESS) {
        free(kept);
        outcome_set(call, STATUS_UNAVAILABLE, "PAM does not keep the session's id");
        return false;
    }
    return true;
}

static void forget_session(struct call *call)
{
    if (kept_session(call) != NULL)
        pam_set_data(call->pamh, KEPT_NAME, NULL, NULL);
}

/* Tells the helper that a session of `user` has ended; a failure is logged and changes nothing. */
static void end_session(const struct call *call, const char *id, const char *user)
{
    struct call closing = *call;
    char shown[ESCAPE_MAX];

    closing.task = TASK_CLOSE;
    closing.user = user;
    closing.reply = (struct frame){0};
    if (exchange(&closing, id) && closing.outcome.status == STATUS_PERMITTED)
        report_debug(call, "user %s: session %s has ended [reference %s]",
                     escape(shown, sizeof shown, user), id, call->reference);
    else
        pam_syslog(call->pamh, LOG_WARNING,
                   "user %s: the helper was not told that session %s has ended: %s: %s "
                   "[reference %s]",
                   escape(shown, sizeof shown, user), id, status_name(closing.outcome.status),
                   outcome_logged(&closing.outcome), call->reference);
    call_free_reply(&closing);
}

/* A session was permitted: keeps it and puts its environment, or ends it again. */
static void take_session(struct call *call)
{
    const char *id = frame_get(&call->reply, WIRE_SESSION);

    if (!session_id_is_valid(id)) {
        outcome_set(call, STATUS_UNAVAILABLE, "the helper's reply carries no session id");
        return;
    }
    if (!keep_session(call, id) || !environment_export(call)) {
        end_session(call, id, call->user);
        forget_session(call);
    }
}

/* Opens the session unless it is open already. Returns the PAM code. */
static int open_session(struct call *call)
{
    const struct kept_session *kept = kept_session(call);

    if (kept != NULL && kept->pid == getpid()) {
        if (strcmp(kept->user, call->user) == 0) {
            report_debug(call, "session %s is open already", kept->id);
            return PAM_SUCCESS;
        }
        end_session(call, kept->id, kept->user);
        forget_session(call);
        environment_clear(call->pamh);
    }
    if (exchange(call, NULL) && call->outcome.status == STATUS_PERMITTED)
        take_session(call);
    return report(call);
}

int session_open(struct call *call)
{
    int code = call_is_ours(call) ? open_session(call) : report(call);

    proof_remove(call->pamh);
    return code;
}

int session_close(struct call *call)
{
    const struct kept_session *kept = kept_session(call);

    if (kept == NULL) {
        report_debug(call, "nothing of ours is open");
        return PAM_IGNORE;
    }
    environment_clear(call->pamh);
    /* PAM_USER may be another by now. */
    call->user = kept->user;
    if (call_is_ours(call))
        end_session(call, kept->id, kept->user);
    else
        report_debug(call, "the helper is not told of the end of session %s: %s", kept->id,
                     call->outcome.reason);
    forget_session(call);
    return PAM_SUCCESS;
}
