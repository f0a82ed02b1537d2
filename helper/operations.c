/*
 * check, open and close: the rooms of the helper, one behind the other.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/operations.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/trusted_file.h"
#include "helper/audit.h"
#include "helper/base.h"
#include "helper/http.h"
#include "helper/identity.h"
#include "helper/judge.h"
#include "helper/log.h"
#include "helper/message.h"
#include "helper/role_call.h"
#include "helper/session_record.h"
#include "helper/sts.h"

#define BUNDLE_MAX ((size_t)16 * 1024 * 1024) /* many times all authorities that there are */

/* What is known of a login on its way through the rooms; the audit line is made of it. */
struct login_progress {
    struct host *host;
    const struct request *request;
    struct identity identity;
    struct decision decision;
    struct role_call call;
    struct sts_assumed assumed;
};

/* What a failed call to STS means for the login: who has to act, or whether it may pass by itself.
 */
static const enum status status_of_failure[STS_KIND_COUNT] = {
    [STS_REFUSED] = STATUS_MISCONFIGURED,   [STS_THROTTLED] = STATUS_UNAVAILABLE,
    [STS_TRANSIENT] = STATUS_UNAVAILABLE,   [STS_BASE_INVALID] = STATUS_MISCONFIGURED,
    [STS_CLOCK] = STATUS_MISCONFIGURED,     [STS_ILLEGAL] = STATUS_MISCONFIGURED,
    [STS_REGION] = STATUS_MISCONFIGURED,    [STS_GARBLED] = STATUS_UNAVAILABLE,
    [STS_TIMED_OUT] = STATUS_UNAVAILABLE,   [STS_UNREACHABLE] = STATUS_UNAVAILABLE,
    [STS_UNTRUSTED] = STATUS_MISCONFIGURED, [STS_INTERNAL] = STATUS_UNAVAILABLE,
};

static const char *const operation_names[] = {
    [OPERATION_OPEN] = WIRE_OP_OPEN,
    [OPERATION_CLOSE] = WIRE_OP_CLOSE,
    [OPERATION_CHECK] = WIRE_OP_CHECK,
};

/* Which line of the policy decided. */
static struct position deciding_rule(const struct decision *decision)
{
    if (decision->denied_by != NULL)
        return decision->denied_by->at;
    if (decision->because != NULL)
        return decision->because->at;
    return (struct position){NULL, 0};
}

/* Writes the login's line. Returns 0 or an errno with the reason in `why`. */
static int audit_login(const struct login_progress *login, const struct outcome *outcome, char *why,
                       size_t why_size)
{
    const struct request *request = login->request;
    const struct role_call *call = &login->call;
    struct audit_event event = {
        .event = outcome->status == STATUS_PERMITTED ? AUDIT_OPENED : AUDIT_REFUSED,
        .status = outcome->status,
        .reason = outcome->reason,
        .operation = operation_names[request->operation],
        .session = outcome->session,
        .service = request->service,
        .address = request->address,
        .user = login->identity.human != NULL ? login->identity.user.name : request->user,
        .typed =
            login->identity.human != NULL && strcmp(request->user, login->identity.user.name) != 0
                ? request->user
                : NULL,
        .human = login->identity.human,
        .reference = request->reference,
        .role = login->decision.login_role,
        .role_arn = call->role_arn,
        .session_name = call->session_name,
        .source_identity = call->source_identity,
        .tags = call->tags,
        .tag_count = call->tag_count,
        .access_key_id = outcome->credentials.access_key_id,
        .expiry = outcome->credentials.expiration,
        .request_id = login->assumed.request_id,
        .rule = deciding_rule(&login->decision),
    };

    return audit_write(login->host, &event, why, why_size);
}

/* Says who it is, and whether they may. Returns the status, with the reason in *outcome. */
static enum status decide_login(struct login_progress *login, struct outcome *outcome)
{
    enum status status = identify(login->host, login->request, &login->identity, outcome);

    if (status == STATUS_PERMITTED)
        status = judge(login->host, login->request, &login->identity, &login->decision, outcome);
    return status;
}

/* Whether nobody but root can have written the policy's ca_bundle. Returns as assume(). */
static enum status check_bundle(const struct policy *policy, struct outcome *outcome)
{
    const struct trust trust = {.public = true, .largest = BUNDLE_MAX};
    char why[1024];
    size_t size;
    int fd;

    if (policy->ca_bundle == NULL)
        return STATUS_PERMITTED;
    fd = trusted_open(policy->ca_bundle, &trust, &size, why, sizeof why);
    if (fd < 0)
        return outcome_set(outcome, STATUS_MISCONFIGURED, "ca_bundle: %s", why);
    close(fd);
    return STATUS_PERMITTED;
}

/* Assumes the role that the login starts with. Returns the status, with the reason in *outcome. */
static enum status assume(struct login_progress *login, struct outcome *outcome)
{
    const struct policy *policy = login->host->policy;
    const struct role *role = login->decision.login_role;
    struct sts sts = {policy->sts_endpoint, policy->region, policy->ca_bundle};
    struct credentials base = {.expiration = 0};
    struct sts_failure failure;
    enum status status =
        role_call_make(login->host, login->request, &login->identity, role, &login->call, outcome);

    if (status == STATUS_PERMITTED)
        status = check_bundle(policy, outcome);
    if (status == STATUS_PERMITTED)
        status = base_fetch(login->host, &base, outcome);
    if (status != STATUS_PERMITTED)
        goto done;
    log_debug("reference %s: assuming %s as %s", login->request->reference,
              login->call.parameters.role_arn, login->call.session_name);
    if (http_start() != 0) {
        status = outcome_set(outcome, STATUS_UNAVAILABLE, "libcurl cannot be started");
        goto done;
    }
    if (sts_assume_role(&sts, &base, &login->call.parameters, login->request->deadline,
                        &login->assumed, &failure) != 0) {
        status = outcome_set(outcome, status_of_failure[failure.kind], "%s", failure.text);
        snprintf(login->assumed.request_id, sizeof login->assumed.request_id, "%s",
                 failure.request_id);
        goto done;
    }
    if (login->assumed.credentials.expiration <= time(NULL)) {
        status = outcome_set(outcome, STATUS_UNAVAILABLE,
                             "STS answered for role %s with credentials that have expired already "
                             "(is this host's clock right, is something between here and STS?)",
                             role->name);
        goto done;
    }
    outcome->credentials = login->assumed.credentials;
    memset(&login->assumed.credentials, 0, sizeof login->assumed.credentials);
    outcome->role = role;
    outcome->role_arn = strdup(login->call.role_arn);
    if (outcome->role_arn == NULL)
        status = outcome_set(outcome, STATUS_UNAVAILABLE, "out of memory opening the session");

done:
    credentials_free(&base);
    return status;
}

/* Records the session and sets its id. Returns the status, with the reason in *outcome. */
static enum status record(struct login_progress *login, struct outcome *outcome)
{
    char why[1024], id[SESSION_ID_SIZE];
    int error = session_record_id(id);

    if (error != 0)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "no random session id: %s",
                           strerror(error));
    if (session_record_open(login->host, login->request, &login->identity, id, time(NULL), why,
                            sizeof why) != 0)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "%s", why);
    strcpy(outcome->session, id);
    return STATUS_PERMITTED;
}

/* Takes back what an open has prepared: nothing of it may reach the session. */
static void withdraw(const struct login_progress *login, struct outcome *outcome)
{
    struct session_record gone = {NULL, NULL, NULL, NULL};
    char why[1024];

    if (outcome->session[0] != '\0' &&
        session_record_close(login->host, outcome->session, &gone, why, sizeof why) != 0)
        log_error("reference %s: %s", login->request->reference, why);
    session_record_free(&gone);
    outcome->session[0] = '\0';
    outcome->message[0] = '\0';
    outcome->role = NULL;
}

static void run_open(struct login_progress *login, struct outcome *outcome)
{
    char why[1024];

    if (decide_login(login, outcome) == STATUS_PERMITTED &&
        (login->decision.login_role == NULL || assume(login, outcome) == STATUS_PERMITTED) &&
        record(login, outcome) == STATUS_PERMITTED)
        message_opened(&login->decision, outcome);
    if (outcome->status == STATUS_UNMANAGED)
        return;
    if (audit_login(login, outcome, why, sizeof why) != 0) {
        if (outcome->status == STATUS_PERMITTED)
            outcome_set(outcome, STATUS_UNAVAILABLE, "%s", why);
        else
            log_error("reference %s: %s", login->request->reference, why);
    }
    if (outcome->status != STATUS_PERMITTED)
        withdraw(login, outcome);
}

static void run_check(struct login_progress *login, struct outcome *outcome)
{
    char why[1024];
    enum status status = decide_login(login, outcome);

    /* What is permitted here is written when the session opens. */
    if (status == STATUS_PERMITTED || status == STATUS_UNMANAGED)
        return;
    if (audit_login(login, outcome, why, sizeof why) != 0)
        log_error("reference %s: %s", login->request->reference, why);
}

static void run_close(struct login_progress *login, struct outcome *outcome)
{
    const struct request *request = login->request;
    struct session_record gone;
    char why[1024];
    int error = session_record_close(login->host, request->session, &gone, why, sizeof why);
    struct audit_event event = {
        .event = AUDIT_ENDED,
        .session = request->session,
        .service = gone.service,
        .address = gone.address,
        .user = gone.user,
        .human = gone.human,
        .reference = request->reference,
    };

    if (error != 0 || audit_write(login->host, &event, why, sizeof why) != 0)
        outcome_set(outcome, STATUS_UNAVAILABLE, "%s", why);
    else
        outcome_set(outcome, STATUS_PERMITTED, "session %s has ended", request->session);
    session_record_free(&gone);
}

void operation_run(struct host *host, const struct request *request, struct outcome *outcome)
{
    static void (*const run[])(struct login_progress *, struct outcome *) = {
        [OPERATION_OPEN] = run_open,
        [OPERATION_CLOSE] = run_close,
        [OPERATION_CHECK] = run_check,
    };
    struct login_progress login = {.host = host, .request = request};
    char why[1024];

    /* A session ends whatever has become of the policy. */
    if (host->policy != NULL || request->operation == OPERATION_CLOSE) {
        run[request->operation](&login, outcome);
    } else {
        outcome_set(outcome, STATUS_MISCONFIGURED, "the policy is refused: %s", host->policy_error);
        if (audit_login(&login, outcome, why, sizeof why) != 0)
            log_error("reference %s: %s", request->reference, why);
    }
    decision_free(&login.decision);
    role_call_free(&login.call);
    credentials_free(&login.assumed.credentials);
}
