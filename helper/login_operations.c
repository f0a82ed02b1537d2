/*
 * What the module asks for.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/login_operations.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/escape.h"
#include "helper/audit.h"
#include "helper/issue.h"
#include "helper/log.h"
#include "helper/message.h"
#include "helper/session_record.h"
#include "helper/sessions.h"
#include "helper/user_proof.h"

/* Records the session and sets its id. Returns the status, with the reason in the outcome. */
static enum status record(struct progress *progress)
{
    struct host *host = progress->host;
    struct outcome *outcome = &progress->outcome;
    const time_t opened = time(NULL);
    char why[1024], id[SESSION_ID_SIZE];
    struct session_record recorded;
    int error = session_record_id(id);

    if (error != 0)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "no random session id: %s",
                           strerror(error));
    if (session_record_open(host, progress->request, &progress->identity, id, opened,
                            host->sessions != NULL ? &recorded : NULL, why, sizeof why) != 0)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "%s", why);
    progress->serving.record.opened = opened;
    strcpy(outcome->session, id);
    if (host->sessions == NULL)
        return STATUS_PERMITTED;
    error = sessions_add(host->sessions, host, &recorded, progress->request->peer.pid);
    if (error != 0)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "the session cannot be watched: %s",
                           strerror(error));
    return STATUS_PERMITTED;
}

/* Takes back what an open has prepared: nothing of it may reach the session. */
static void withdraw(struct progress *progress)
{
    struct outcome *outcome = &progress->outcome;
    struct session_record gone;
    char why[1024];

    memset(&gone, 0, sizeof gone);
    if (outcome->session[0] != '\0') {
        if (session_record_close(progress->host, outcome->session, &gone, why, sizeof why) != 0)
            log_error("reference %s: %s", progress->request->reference, why);
        if (progress->host->sessions != NULL)
            sessions_remove(progress->host->sessions, outcome->session);
        session_record_free(&gone);
    }
    outcome->session[0] = '\0';
    outcome->message[0] = '\0';
    outcome->role = NULL;
}

/* Says for the log that the session opens without the role that it would start with. */
static void pass_over(struct progress *progress, time_t now)
{
    const struct role *role = progress->decision.login_role;
    char name[ESCAPE_MAX];

    if (role == NULL)
        return;
    outcome_set(&progress->outcome, STATUS_PERMITTED,
                "without role %s, which is permitted for %lld s more, as AWS issues nothing for "
                "less than %d s; others last",
                escape(name, sizeof name, role->name),
                (long long)(decision_find_role(&progress->decision, role->name)->ends - now),
                SHORTEST_LIFE);
}

/* The role that the login starts with, if there is one. Returns the status. */
static enum status take_role(struct progress *progress)
{
    const time_t now = time(NULL);
    enum status status;

    progress->role = decision_start_role(&progress->decision, now);
    if (progress->role == NULL) {
        pass_over(progress, now);
        return STATUS_PERMITTED;
    }
    status = issue_prepare(progress);
    if (status == STATUS_PERMITTED && progress->role->role->settings.deliver != DELIVER_PROCESS)
        status = issue_credentials(progress);
    return status;
}

void login_open(struct progress *progress)
{
    struct outcome *outcome = &progress->outcome;
    char why[1024];

    if (progress_decide(progress) == STATUS_PERMITTED && take_role(progress) == STATUS_PERMITTED &&
        progress_stands(progress) && record(progress) == STATUS_PERMITTED)
        message_opened(progress);
    if (outcome->status == STATUS_UNMANAGED || progress->outdated)
        return;
    if (outcome->status != STATUS_PERMITTED)
        progress_audit_refusal(progress);
    else if (progress_audit(progress, AUDIT_OPENED, why, sizeof why) != 0)
        outcome_set(outcome, STATUS_UNAVAILABLE, "%s", why);
    if (outcome->status == STATUS_PERMITTED) {
        user_proof_keep(progress);
        return;
    }
    if (outcome->session[0] == '\0')
        session_record_note(progress->host, progress->request, &progress->identity, time(NULL));
    withdraw(progress);
}

void login_check(struct progress *progress)
{
    enum status status = progress_decide(progress);

    /* What is permitted here, or not decided yet, is written when the session opens. */
    if (status != STATUS_PERMITTED && status != STATUS_UNMANAGED && status != STATUS_UNDECIDED)
        progress_audit_refusal(progress);
}

/* Ends a session that a request names. Returns 0, or an errno with the reason in `why`. */
static int end(struct progress *progress, const char *id, const char *reason, char *why,
               size_t why_size)
{
    struct session_record gone;
    int error = session_record_close(progress->host, id, &gone, why, why_size);
    struct audit_event event = {
        .event = AUDIT_ENDED,
        .session = id,
        .service = gone.service,
        .address = gone.address,
        .user = gone.user,
        .human = gone.human,
        .reason = reason,
        .reference = progress->request->reference,
    };

    if (progress->host->sessions != NULL)
        sessions_remove(progress->host->sessions, id);
    if (error == 0)
        error = audit_write(progress->host, &event, why, why_size);
    session_record_free(&gone);
    return error;
}

void login_close(struct progress *progress)
{
    const char *id = progress->request->session;
    char why[1024];
    int error = end(progress, id, NULL, why, sizeof why);

    /* Its process, or session_max, may have ended it before: its line stands in the audit file. */
    if (error != 0 && error != ENOENT)
        outcome_set(&progress->outcome, STATUS_UNAVAILABLE, "%s", why);
    else
        outcome_set(&progress->outcome, STATUS_PERMITTED, "session %s has ended", id);
}

void login_undo(struct progress *progress)
{
    char why[1024];

    if (end(progress, progress->outcome.session, "the reply did not reach the login", why,
            sizeof why) != 0)
        log_error("reference %s: %s", progress->request->reference, why);
}
