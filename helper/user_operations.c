/*
 * What users ask for.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/user_operations.h"

#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/escape.h"
#include "helper/asker.h"
#include "helper/audit.h"
#include "helper/choices.h"
#include "helper/console.h"
#include "helper/issue.h"
#include "helper/limits.h"
#include "helper/log.h"
#include "helper/message.h"

static const char *const answer_texts[] = {
    [SESSIONS_NONE] = "it has no live session, and names none that `detach` would serve",
    [SESSIONS_FOREIGN] = "it named the session of another user",
    [SESSIONS_REVOKED] = "its session was ended by xacct revoke",
    [SESSIONS_SEVERAL] = "it named no live session of its own, and its live sessions are not "
                         "those of the same human alone",
    [SESSIONS_UNKNOWN] =
        "its session cannot be looked up, for want of memory or of a record that can "
        "be read; the log has the reason",
};

static const char *const answer_messages[] = {
    [SESSIONS_NONE] = "you have no live session on this host (it has ended, it was not opened by a "
                      "login, or no role is granted to you): log in again, or ask the admin",
    [SESSIONS_FOREIGN] = "the session that XACCT_SESSION names is not yours: log in again",
    [SESSIONS_REVOKED] =
        "this session was ended by the admin (xacct revoke), and gives nothing any "
        "more: ask them why; where you still have a role, a new login gives it",
    [SESSIONS_SEVERAL] =
        "the session of this shell has ended, and this account's live sessions "
        "belong to other people too, so nobody can tell whose it is: use the shell "
        "of a new login",
    [SESSIONS_UNKNOWN] = "your session cannot be looked up at the moment: try again, or tell the "
                         "admin the reference",
};

/* Refuses a request that no session serves. Returns the status. */
static enum status refuse_session(struct progress *progress, enum sessions_answer answer,
                                  const char *text)
{
    strcpy(progress->outcome.message, answer_messages[answer]);
    return outcome_set(&progress->outcome,
                       answer == SESSIONS_UNKNOWN ? STATUS_UNAVAILABLE : STATUS_DENIED,
                       "uid %u is refused: %s", (unsigned)progress->request->peer.uid, text);
}

static const char too_often[] = "asked too often in a short time: wait a minute";

/* Finds the session that serves the request. Returns the status. */
static enum status find_session(struct progress *progress)
{
    struct request *request = progress->request;
    struct outcome *outcome = &progress->outcome;
    const struct session_record *record = &progress->serving.record;
    enum sessions_answer answer;

    if (progress->host->sessions == NULL)
        return outcome_set(outcome, STATUS_UNSUPPORTED,
                           "only the service serves users (xacct-helper --service)");
    answer = sessions_find(progress->host->sessions, progress->host, request->peer.uid,
                           request->session, time(NULL), &progress->serving);
    if (answer != SESSIONS_FOUND)
        return refuse_session(progress, answer, answer_texts[answer]);
    progress->is_served = true;
    request->user = record->user;
    request->service = record->service != NULL ? record->service : "";
    request->address = record->address != NULL ? record->address : "";
    request->tty = record->tty != NULL ? record->tty : "";
    request->ruser = record->ruser != NULL ? record->ruser : "";
    request->ended = progress->serving.ended_for >= 0;
    request->ended_for = request->ended ? progress->serving.ended_for : 0;
    snprintf(outcome->session, sizeof outcome->session, "%s", record->id);
    return STATUS_PERMITTED;
}

/* Session and decision, which every operation of a user begins with. */
static enum status begin(struct progress *progress)
{
    enum status status = find_session(progress);

    if (status == STATUS_PERMITTED)
        status = progress_decide(progress);
    if (status != STATUS_PERMITTED)
        progress_audit_refusal(progress);
    return status;
}

/*
 * As begin, for what has a line in the audit file each time. What is in memory costs nothing but
 * that line, so nobody may have it as fast as they can ask.
 */
static enum status begin_use(struct progress *progress)
{
    enum status status = begin(progress);
    char asker[ASKER_SIZE];

    if (status != STATUS_PERMITTED)
        return status;
    asker_of_identity(asker, &progress->identity);
    if (limits_take(progress->host->limits, LIMIT_USES, asker, deadline_in_ms(0)))
        return status;
    strcpy(progress->outcome.message, too_often);
    return outcome_set(&progress->outcome, STATUS_UNAVAILABLE,
                       "user %s has asked too often in a short time", progress->identity.user.name);
}

/* Sets the outcome of a request for a role that is not among the permitted ones. */
static enum status refuse_role(struct progress *progress)
{
    const char *name = progress->request->role;
    char shown[ESCAPE_MAX];

    escape(shown, sizeof shown, name);
    if (name == NULL) {
        strcpy(progress->outcome.message, "which role? xacct list shows yours");
        return outcome_set(&progress->outcome, STATUS_DENIED,
                           "no role is named, and user %s has no default",
                           progress->identity.user.name);
    }
    /* Whether there is such a role is another client's business. */
    snprintf(progress->outcome.message, sizeof progress->outcome.message,
             "role %.200s is not one of yours: xacct list shows which are", shown);
    return outcome_set(&progress->outcome, STATUS_DENIED, "role %s is not permitted to user %s",
                       shown, progress->identity.user.name);
}

/* Makes the named role, or where none is named the login's, the one in question. */
static enum status choose_role(struct progress *progress)
{
    return progress_choose(progress, progress->request->role) ? STATUS_PERMITTED
                                                              : refuse_role(progress);
}

/* While STS was asked the session may have ended. */
static enum status look_again(struct progress *progress)
{
    if (sessions_still(progress->host->sessions, progress->host, &progress->serving, time(NULL)))
        return STATUS_PERMITTED;
    if (progress->serving.unknown)
        return refuse_session(progress, SESSIONS_UNKNOWN, answer_texts[SESSIONS_UNKNOWN]);
    return refuse_session(progress, SESSIONS_NONE,
                          "the session ended while the request was under way");
}

/* Writes the line that must stand before anything leaves; else nothing does. */
static void settle(struct progress *progress, const char *event)
{
    struct outcome *outcome = &progress->outcome;
    char why[1024];

    if (outcome->status != STATUS_PERMITTED) {
        progress_audit_refusal(progress);
    } else if (!progress_stands(progress)) {
        /* It begins anew, and gives nothing of this. */
        log_debug("reference %s: %s", progress->request->reference, outcome->reason);
    } else if (progress_audit_adoption(progress, why, sizeof why) != 0 ||
               progress_audit(progress, event, why, sizeof why) != 0) {
        /* Neither the file nor the user tells the admin, but the reference joins the two. */
        log_error("reference %s: %s", progress->request->reference, why);
        outcome_set(outcome, STATUS_UNAVAILABLE, "%s", why);
    }
    if (outcome->status == STATUS_PERMITTED)
        return;
    outcome->role = NULL;
    credentials_free(&outcome->credentials);
    secret_free(&outcome->url);
}

void user_list(struct progress *progress)
{
    begin(progress);
}

void user_status(struct progress *progress)
{
    const char *name = progress->request->role;

    if (begin(progress) == STATUS_PERMITTED && name != NULL)
        progress_choose(progress, name);
}

static const char *event_of(const char *purpose)
{
    static const struct {
        const char *purpose;
        const char *event;
    } events[] = {{WIRE_PURPOSE_SWITCH, AUDIT_SWITCHED}, {WIRE_PURPOSE_RENEW, AUDIT_REFRESHED}};
    size_t i;

    for (i = 0; purpose != NULL && i < sizeof events / sizeof events[0]; i++)
        if (strcmp(events[i].purpose, purpose) == 0)
            return events[i].event;
    return AUDIT_USED;
}

/* The role that is to be used, and how it is assumed. */
static enum status prepare_role(struct progress *progress)
{
    enum status status = choose_role(progress);

    return status == STATUS_PERMITTED ? issue_prepare(progress) : status;
}

void user_assume(struct progress *progress)
{
    const char *purpose = progress->request->purpose;
    bool by_process = purpose != NULL && strcmp(purpose, WIRE_PURPOSE_PROCESS) == 0;
    enum status status = begin_use(progress);

    if (status != STATUS_PERMITTED)
        return;
    status = prepare_role(progress);
    /* Where a process delivers, keys go to that process and into no environment. */
    if (status == STATUS_PERMITTED &&
        (by_process || progress->role->role->settings.deliver != DELIVER_PROCESS))
        status = issue_credentials(progress);
    if (status == STATUS_PERMITTED)
        look_again(progress);
    settle(progress, event_of(purpose));
    if (progress->outcome.status == STATUS_PERMITTED &&
        strcmp(event_of(purpose), AUDIT_SWITCHED) == 0)
        message_switched(progress);
}

/* Makes the URL from the outcome's credentials, which themselves go nowhere. */
static enum status make_url(struct progress *progress)
{
    const struct policy *policy = progress->host->policy;
    struct outcome *outcome = &progress->outcome;
    const struct console console = {
        .endpoint = policy->console_endpoint,
        .ca_bundle = policy->ca_bundle,
        .proxy = policy->proxy,
        .role_arn = outcome->role_arn,
        .region = progress->role->role->settings.region,
    };
    char asker[ASKER_SIZE];

    asker_of_identity(asker, &progress->identity);
    if (!limits_take(progress->host->limits, LIMIT_CALLS, asker, deadline_in_ms(0))) {
        strcpy(outcome->message, too_often);
        return outcome_set(outcome, STATUS_UNAVAILABLE,
                           "this host has called AWS too often for user %s in a short time, and "
                           "waits",
                           progress->identity.user.name);
    }
    return console_url(&console, &outcome->credentials, progress->request->deadline, &outcome->url,
                       outcome);
}

void user_console(struct progress *progress)
{
    enum status status = begin_use(progress);

    if (status != STATUS_PERMITTED)
        return;
    status = prepare_role(progress);
    if (status == STATUS_PERMITTED)
        status = issue_credentials(progress);
    if (status == STATUS_PERMITTED)
        status = make_url(progress);
    if (status == STATUS_PERMITTED)
        look_again(progress);
    settle(progress, AUDIT_USED);
}

/* How the role would be assumed, for the line of the choice; what cannot be, no login could use. */
static void describe_choice(struct progress *progress)
{
    role_call_make(progress->host, progress->request, &progress->identity, progress->role->role,
                   &progress->call, &progress->outcome);
}

/* Keeps the choice, whose line stands in the audit file already. */
static void keep_choice(struct progress *progress)
{
    struct outcome *outcome = &progress->outcome;
    char why[1024];

    if (choice_write(progress->host, progress->identity.human, progress->request->role, why,
                     sizeof why) == 0)
        return;
    log_error("reference %s: %s", progress->request->reference, why);
    outcome_set(outcome, STATUS_UNAVAILABLE, "%s", why);
    progress_audit_refusal(progress);
}

void user_default(struct progress *progress)
{
    if (begin_use(progress) != STATUS_PERMITTED)
        return;
    if (progress->request->role != NULL && choose_role(progress) == STATUS_PERMITTED)
        describe_choice(progress);
    settle(progress, AUDIT_CHOSEN);
    if (progress->outcome.status == STATUS_PERMITTED)
        keep_choice(progress);
}
