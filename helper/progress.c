/*
 * A request on its way.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/progress.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"
#include "helper/asker.h"
#include "helper/audit.h"
#include "helper/choices.h"
#include "helper/group_operations.h"
#include "helper/judge.h"
#include "helper/limits.h"
#include "helper/log.h"
#include "helper/revoke.h"

/* What look-ups told, and what was made of it, counts no more. */
static void forget(struct progress *progress)
{
    decision_free(&progress->decision);
    identity_free(&progress->identity);
    free(progress->chosen);
    progress->chosen = NULL;
    progress->groups = NULL;
}

void progress_free(struct progress *progress)
{
    forget(progress);
    role_call_free(&progress->call);
    user_proof_free(&progress->proof);
    credentials_free(&progress->assumed.credentials);
    outcome_free(&progress->outcome);
    serving_free(&progress->serving);
    revoked_free(progress->revoked);
    progress->revoked = NULL;
}

void progress_begin(struct progress *progress, struct host *host, struct request *request)
{
    *progress = (struct progress){
        .host = host,
        .request = request,
        .serving.ended_for = -1,
        .outcome.status = STATUS_UNAVAILABLE,
    };
    clock_gettime(CLOCK_REALTIME, &progress->begun);
}

void progress_begin_anew(struct progress *progress, const struct request *request)
{
    struct host *host = progress->host;
    struct request *own = progress->request;
    const struct timespec begun = progress->begun;

    progress_free(progress);
    *own = *request;
    progress_begin(progress, host, own);
    progress->begun = begun;
}

bool progress_stands(struct progress *progress)
{
    if (host_policy_stands(progress->host))
        return true;
    progress->outdated = true;
    strcpy(progress->outcome.message, "the policy changed meanwhile: try again");
    outcome_set(&progress->outcome, STATUS_UNAVAILABLE,
                "the policy changed while the request was under way");
    return false;
}

/* Identity, look-ups and decision, with the look-up process that the host has now. */
static enum status decide_login(struct progress *progress)
{
    struct host *host = progress->host;
    struct outcome *outcome = &progress->outcome;
    enum status status;

    if (progress->request->operation == OPERATION_GROUPS)
        return group_decide(progress);
    if (progress->is_served)
        status = identify_served(host, progress->request, &progress->serving.record,
                                 &progress->identity, outcome);
    else
        status = identify(host, progress->request, &progress->identity, outcome);
    if (status == STATUS_PERMITTED && progress->request->operation != OPERATION_CHECK)
        progress->chosen = choice_read(host, progress->identity.human);
    if (status == STATUS_PERMITTED)
        status = judge(host, progress->request, &progress->identity, progress->chosen,
                       &progress->decision, outcome);
    return status;
}

/* A decision, and what comes of it. */
struct deciding {
    struct progress *progress;
    enum status status;
};

/* Decides by what the process says. */
static void decide_by(struct lookup *lookup, void *argument)
{
    struct deciding *deciding = argument;
    struct progress *progress = deciding->progress;

    forget(progress);
    progress->host->lookup = lookup;
    deciding->status = decide_login(progress);
    progress->host->lookup = NULL;
}

enum status progress_decide(struct progress *progress)
{
    struct deciding deciding = {progress, STATUS_UNAVAILABLE};
    struct outcome *outcome = &progress->outcome;
    const struct request *request = progress->request;
    const int error = lookup_pool_ask(progress->host->lookups, request->peer.uid == 0,
                                      request->deadline, decide_by, &deciding);

    outcome->unanswerable = error == EPIPE;
    if (error == 0)
        return deciding.status;
    forget(progress);
    return outcome_set(outcome, STATUS_UNAVAILABLE, "%s", lookup_pool_why(error));
}

time_t progress_ends(const struct progress *progress)
{
    const int session_max = progress->host->policy->session_max;
    const time_t opened = progress->serving.record.opened;
    time_t ends = progress->role != NULL ? progress->role->ends : 0;

    if (session_max > 0 && opened != 0 && (ends == 0 || opened + session_max < ends))
        ends = opened + session_max;
    return ends;
}

bool progress_choose(struct progress *progress, const char *name)
{
    const struct decision *decision = &progress->decision;

    if (name == NULL && decision->login_role != NULL)
        name = decision->login_role->name;
    progress->role = name != NULL ? decision_find_role(decision, name) : NULL;
    return progress->role != NULL;
}

/* Which line of the policy decided. */
static struct position deciding_rule(const struct progress *progress)
{
    const struct decision *decision = &progress->decision;

    if (decision->denied_by != NULL)
        return decision->denied_by->at;
    if (progress->role != NULL)
        return progress->role->grant->at;
    if (decision->unmet_grant != NULL)
        return decision->unmet_grant->at;
    if (decision->because != NULL)
        return decision->because->at;
    return (struct position){NULL, 0};
}

/* The request's line. Texts stay the progress's. */
static struct audit_event line_of(const struct progress *progress, const char *event)
{
    const struct request *request = progress->request;
    const struct outcome *outcome = &progress->outcome;
    const struct identity *identity = &progress->identity;
    const struct role_call *call = &progress->call;
    bool is_known = identity->human != NULL;

    return (struct audit_event){
        .event = outcome->status == STATUS_PERMITTED ? event : AUDIT_REFUSED,
        .status = outcome->status,
        .reason = outcome->reason,
        .operation = operation_name(request->operation),
        .purpose = request->purpose,
        .session = outcome->session[0] != '\0' ? outcome->session : request->session,
        .adopted_from = progress->serving.adopted ? request->session : NULL,
        .service = request->service,
        .address = identity_address(identity, request),
        .user = is_known ? identity->user.name : request->user,
        .typed =
            is_known && strcmp(identity->typed, identity->user.name) != 0 ? identity->typed : NULL,
        .ruser = request->ruser,
        .human = identity->human,
        .identity = is_known ? identity_source_name(identity->source) : NULL,
        .auth = is_known ? identity->auth : NULL,
        .certificate = identity->has_certificate ? &identity->proof : NULL,
        .uid = request->peer.uid,
        .reference = request->reference,
        .role = progress->role != NULL ? progress->role->role : NULL,
        .group = progress->role != NULL ? progress->role->group : NULL,
        .wanted = progress->role == NULL ? request->role : NULL,
        .role_arn = call->role_arn,
        .via = user_proof_via(progress),
        .assumed_role = user_proof_via(progress) != NULL ? progress->assumed.arn : NULL,
        .session_name = call->parameters.session_name,
        .source_identity = call->parameters.source_identity,
        .notice = outcome->notice,
        .tags = call->parameters.tags,
        .tag_count = call->parameters.tag_count,
        .access_key_id = outcome->credentials.access_key_id,
        .expiry = outcome->credentials.expiration,
        .cached = outcome->cached,
        .request_id = progress->assumed.request_id,
        .rule = deciding_rule(progress),
    };
}

int progress_audit(const struct progress *progress, const char *event, char *why, size_t why_size)
{
    const struct audit_event line = line_of(progress, event);

    return audit_write(progress->host, &line, why, why_size);
}

int progress_audit_adoption(const struct progress *progress, char *why, size_t why_size)
{
    const struct serving *serving = &progress->serving;
    struct audit_event line = line_of(progress, AUDIT_ADOPTED);
    int error;

    if (!serving->adopted || line.adopted_from == NULL ||
        sessions_has_adopted(progress->host->sessions, serving->record.id, line.adopted_from))
        return 0;
    /* What is given has a line of its own, with the same reference. */
    line.access_key_id = line.request_id = line.assumed_role = line.notice = NULL;
    line.expiry = 0;
    line.cached = false;
    error = audit_write(progress->host, &line, why, why_size);
    if (error == 0)
        sessions_note_adopted(progress->host->sessions, serving->record.id, line.adopted_from);
    return error;
}

/*
 * Whether a refusal may be written, or is one of too many: else whoever may do nothing could still
 * fill the disk. Says so of those before it that were not.
 */
static bool may_write_refusal(const struct progress *progress, const char *name, const char *shown,
                              bool is_user)
{
    struct limits *limits = progress->host->limits;
    const bool may = limits_take(limits, LIMIT_REFUSALS, name, deadline_in_ms(0));
    unsigned long long count = may ? limits_kept_back(limits, name) : 0;
    char reason[ASKER_SIZE + 128], why[1024];
    const struct audit_event line = {
        .event = AUDIT_REFUSED,
        .reason = reason,
        .uid = is_user ? progress->request->peer.uid : 0,
    };

    if (!may)
        log_debug("reference %s: a refusal of %s is not written, being one of too many",
                  progress->request->reference, shown);
    if (count == 0)
        return may;
    snprintf(reason, sizeof reason, "%llu refusals of %s were not written, being too many", count,
             shown);
    if (audit_write(progress->host, &line, why, sizeof why) != 0)
        log_error("%s: %s", reason, why);
    return may;
}

/* As may_write_refusal, of a login that the module asked about. */
static bool may_write_login(const struct progress *progress)
{
    char name[ASKER_SIZE], shown[ASKER_SIZE + 16], escaped[ESCAPE_MAX];

    asker_of_login(name, progress->request, progress->host->policy, progress->identity.human);
    snprintf(shown, sizeof shown, "logins of %s", escape(escaped, sizeof escaped, name));
    return may_write_refusal(progress, name, shown, false);
}

/* As may_write_refusal, of a user's own request. */
static bool may_write_users(const struct progress *progress)
{
    const struct host *host = progress->host;
    const uid_t uid = progress->request->peer.uid;
    const bool is_stranger = host->sessions != NULL && !sessions_has(host->sessions, host, uid);
    char name[LIMITS_NAME_SIZE], shown[64];

    limits_name(name, uid, !is_stranger);
    snprintf(shown, sizeof shown, "%s%s", is_stranger ? "uids with " : "uid ", name);
    return may_write_refusal(progress, name, shown, !is_stranger);
}

void progress_audit_refusal(const struct progress *progress)
{
    const struct request *request = progress->request;
    char why[1024];

    /* Every program asks for groups, and gets nothing by it. */
    if (request->operation == OPERATION_GROUPS)
        return;
    if (!(request->peer.uid == 0 ? may_write_login(progress) : may_write_users(progress)))
        return;
    if (progress_audit(progress, AUDIT_REFUSED, why, sizeof why) != 0)
        log_error("reference %s: %s", request->reference, why);
}
