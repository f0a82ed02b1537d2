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
#include "helper/asker.h"
#include "helper/audit.h"
#include "helper/issue.h"
#include "helper/limits.h"
#include "helper/log.h"
#include "helper/message.h"
#include "helper/revocation.h"
#include "helper/session_end.h"
#include "helper/session_record.h"
#include "helper/sessions.h"
#include "helper/user_proof.h"

/* The role that the session begins with, for its record: *started, or NULL where there is none. Its
 * texts lie in the identity's memory. */
static const struct session_role *starting_role(struct progress *progress,
                                                struct session_role *started)
{
    const struct sts_assume_role *call = &progress->call.parameters;
    struct arena *memory = &progress->identity.memory;
    const struct role *role = progress->outcome.role;
    size_t i;

    if (role == NULL)
        return NULL;
    *started = (struct session_role){
        .name = role->name, .account = role->account->name, .account_id = role->account->id};
    started->tags.items = arena_alloc(memory, call->tag_count + 1, sizeof *started->tags.items);
    for (i = 0; started->tags.items != NULL && i < call->tag_count; i++) {
        char *tag = arena_format(memory, "%s=%s", call->tags[i].key, call->tags[i].value);

        if (tag != NULL)
            started->tags.items[started->tags.count++] = tag;
    }
    return started;
}

/* Records the session and sets its id. Returns the status, with the reason in the outcome. */
static enum status record(struct progress *progress)
{
    struct host *host = progress->host;
    struct outcome *outcome = &progress->outcome;
    const time_t opened = time(NULL);
    char why[1024], id[SESSION_ID_SIZE];
    struct session_record recorded;
    struct session_role started;
    int error = session_record_id(id);

    if (error != 0)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "no random session id: %s",
                           strerror(error));
    if (session_record_open(host, progress->request, &progress->identity,
                            starting_role(progress, &started), id, opened,
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
    int error;

    memset(&gone, 0, sizeof gone);
    if (outcome->session[0] != '\0') {
        error = session_record_close(progress->host, outcome->session, &gone, why, sizeof why);
        /* xacct revoke may have been faster. */
        if (error != 0 && error != ENOENT)
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

/* Who was revoked gets no role by sudo either, in what their login left. Returns the status. */
static enum status refuse_revoked_origin(struct progress *progress)
{
    const struct session_record *origin = progress->identity.origin;

    if (origin == NULL || origin->revoked_by == NULL)
        return STATUS_PERMITTED;
    return outcome_set(&progress->outcome, STATUS_DENIED,
                       "the login that it comes from (session %s) was ended by xacct revoke: a new "
                       "login is needed",
                       origin->id);
}

/* Whoever is revoked while a login of theirs is under way gets nothing by that either. The session
 * is recorded before this is asked, so that the one who revokes sees it, or it sees that. */
static enum status refuse_revoked(struct progress *progress)
{
    char why[1024];
    bool revoked;

    if (revocation_since(progress->host, progress->identity.human, &progress->begun, &revoked, why,
                         sizeof why) != 0)
        return outcome_set(&progress->outcome, STATUS_UNAVAILABLE, "%s", why);
    if (!revoked)
        return STATUS_PERMITTED;
    return outcome_set(&progress->outcome, STATUS_DENIED,
                       "the sessions of this human were ended by xacct revoke while the login was "
                       "under way");
}

/* Counts the session that is to open, which has two lines in the audit file. Returns the status. */
static enum status count(struct progress *progress)
{
    char name[ASKER_SIZE], shown[ESCAPE_MAX];

    asker_of_login(name, progress->request, progress->host->policy, progress->identity.human);
    if (limits_take(progress->host->limits, LIMIT_OPENED, name, deadline_in_ms(0)))
        return STATUS_PERMITTED;
    return outcome_set(&progress->outcome, STATUS_UNAVAILABLE,
                       "%s has opened too many sessions in a short time (600 are fine, and 2 more "
                       "each second): wait some minutes, and have one session do what many did",
                       escape(shown, sizeof shown, name));
}

/* Whether the session may be recorded as it was decided, for which nothing is looked up any more.
 */
static bool is_settled(struct progress *progress)
{
    if (!progress_stands(progress))
        return false;
    lookup_pool_close_ahead(progress->host->lookups);
    return true;
}

void login_open(struct progress *progress)
{
    struct outcome *outcome = &progress->outcome;
    char why[1024];

    if (progress_decide(progress) == STATUS_PERMITTED &&
        refuse_revoked_origin(progress) == STATUS_PERMITTED &&
        count(progress) == STATUS_PERMITTED && take_role(progress) == STATUS_PERMITTED &&
        is_settled(progress) && record(progress) == STATUS_PERMITTED &&
        refuse_revoked(progress) == STATUS_PERMITTED)
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

    if (status == STATUS_PERMITTED)
        status = refuse_revoked_origin(progress);
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

    if (progress->host->sessions != NULL)
        sessions_remove(progress->host->sessions, id);
    if (error == 0)
        error = session_end_audit(progress->host, &gone, reason, progress->request->reference, why,
                                  why_size);
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
