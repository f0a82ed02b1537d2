/*
 * Looking at this host's own identity, and at what it can assume.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/examine.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#include "common/deadline.h"
#include "common/escape.h"
#include "helper/assume.h"
#include "helper/audit.h"
#include "helper/aws_clock.h"
#include "helper/base.h"
#include "helper/hex.h"
#include "helper/http.h"
#include "helper/issue.h"
#include "helper/log.h"
#include "helper/policy_store.h"
#include "helper/sts_explain.h"
#include "helper/sts_tries.h"
#include "helper/xml.h"

#define NAME          "xacct-doctor@" /* and this host's name: who tries roles, for CloudTrail */
#define RANDOM_BYTES  ((size_t)16)    /* of an external id of chance, */
#define EXTERNAL      "xacct-doctor-" /* which begins so */
#define EXTERNAL_SIZE (sizeof EXTERNAL + 2 * RANDOM_BYTES)
#define NS_PER_MS     1000000

/* Which policy is in force. */
static enum status examine_policy(struct progress *progress)
{
    const struct host *host = progress->host;

    progress->examined->policy_hash = host->policy_hash;
    if (host->loaded != NULL)
        progress->examined->broken_since = host->loaded->broken_since;
    if (host->policy_error[0] == '\0')
        return outcome_set(&progress->outcome, STATUS_PERMITTED, "the policy is in force");
    return outcome_set(&progress->outcome, STATUS_MISCONFIGURED, "%s", host->policy_error);
}

/* Asks STS once whose the credentials are, and notes what that tells. Returns 0, or EIO. */
static int ask_once(struct progress *progress, const struct base *base, const char *region,
                    const struct credentials *credentials, struct sts_failure *failure)
{
    struct examined *examined = progress->examined;
    const struct sts sts = sts_of_policy(progress->host->policy, region, base->title);
    const struct deadline began = deadline_in_ms(0);
    int error = sts_caller_identity(&sts, credentials, progress->request->deadline,
                                    &examined->caller, failure);

    examined->region = region;
    if (examined->caller.clock_known) {
        examined->clock_known = true;
        examined->clock_ahead = examined->caller.clock_ahead;
    }
    if (error == 0) {
        examined->account = examined->caller.account;
        examined->arn = examined->caller.arn;
        examined->took_ms = (deadline_in_ms(0).ns - began.ns) / NS_PER_MS + 1;
    }
    return error;
}

/* Asks STS; where this host's clock has spoilt the signature, once more by AWS's. */
static enum status ask(struct progress *progress, const struct base *base, const char *region,
                       const struct credentials *credentials)
{
    struct sts_failure *failure = calloc(1, sizeof *failure);
    enum status status;
    int error;

    if (failure == NULL)
        return outcome_set(&progress->outcome, STATUS_UNAVAILABLE, "out of memory asking STS");
    error = ask_once(progress, base, region, credentials, failure);
    if (error != 0 && failure->clock_known && aws_clock_learn(failure->clock_ahead))
        error = ask_once(progress, base, region, credentials, failure);
    snprintf(progress->examined->code, sizeof progress->examined->code, "%s", failure->code);
    status = error == 0 ? outcome_set(&progress->outcome, STATUS_PERMITTED, "STS knows it")
                        : outcome_set(&progress->outcome, sts_failure_status(failure->kind), "%s",
                                      failure->text);
    free(failure);
    return status;
}

static enum status examine_base(struct progress *progress)
{
    const struct request *request = progress->request;
    const struct policy *policy = progress->host->policy;
    const struct base *base = policy != NULL ? policy_find_base(policy, request->base) : NULL;
    struct credentials credentials = {.expiration = 0};
    char shown[ESCAPE_MAX];
    enum status status;

    if (base == NULL)
        return outcome_set(&progress->outcome, STATUS_MISCONFIGURED,
                           "the policy in force has no [base] called \"%s\"",
                           escape(shown, sizeof shown, request->base));
    if (http_start() != 0 || xml_start() != 0)
        return outcome_set(&progress->outcome, STATUS_UNAVAILABLE,
                           "libcurl or libxml2 cannot be loaded");
    status = issue_check_bundle(policy, &progress->outcome);
    if (status == STATUS_PERMITTED)
        status = base_fetch(progress->host, base, NULL, request->deadline, &credentials,
                            &progress->outcome);
    if (status != STATUS_PERMITTED)
        return status;
    progress->examined->ends = credentials.expiration;
    status =
        ask(progress, base, request->region != NULL ? request->region : base->region, &credentials);
    credentials_free(&credentials);
    return status;
}

/* Makes the doctor the one who asks. */
static void name_doctor(struct progress *progress)
{
    struct identity *identity = &progress->identity;

    snprintf(identity->user.name, sizeof identity->user.name, NAME "%s", progress->host->name);
    identity->human = identity->typed = identity->user.name;
    identity->source = IDENTITY_USER;
}

/* Writes that the role is tried, or what came of it. Returns 0, or an errno with the outcome set.
 */
static int audit(struct progress *progress, const struct role *role, enum status status,
                 const char *reason)
{
    const struct request *request = progress->request;
    const struct sts_assumed *assumed = &progress->assumed;
    const struct audit_event line = {
        .event = AUDIT_TRIED,
        .status = status,
        .reason = reason,
        .operation = operation_name(request->operation),
        .purpose = request->wrong_external_id ? WIRE_WRONG_EXTERNAL_ID : NULL,
        .user = progress->identity.user.name,
        .human = progress->identity.human,
        .reference = request->reference,
        .role = role,
        .role_arn = progress->call.role_arn,
        .session_name = progress->call.parameters.session_name,
        .source_identity = progress->call.parameters.source_identity,
        .tags = progress->call.parameters.tags,
        .tag_count = progress->call.parameters.tag_count,
        .access_key_id = assumed->credentials.access_key_id,
        .expiry = assumed->credentials.expiration,
        .request_id = assumed->request_id,
        .notice = progress->outcome.notice,
    };
    char why[1024];
    int error = audit_write(progress->host, &line, why, sizeof why);

    if (error == 0)
        return 0;
    log_error("reference %s: %s", request->reference, why);
    outcome_set(&progress->outcome, STATUS_UNAVAILABLE, "%s", why);
    return error;
}

/* An external id that is nobody's. */
static bool make_external_id(char text[EXTERNAL_SIZE])
{
    unsigned char bytes[RANDOM_BYTES];

    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes)
        return false;
    hex_encode(stpcpy(text, EXTERNAL), bytes, sizeof bytes);
    return true;
}

/* Assumes the role, whose call is made, and throws away what it gets. */
static enum status try_role(struct progress *progress, const struct role *role)
{
    const struct permitted_role permitted = {.role = role};
    struct sts_failure *failure = calloc(1, sizeof *failure);
    struct outcome *outcome = &progress->outcome;
    enum status status;
    bool as_it_must;
    int error;

    if (failure == NULL)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "out of memory asking STS");
    progress->role = &permitted;
    error = assume(progress, &progress->assumed, failure);
    progress->role = NULL;
    status = error == 0
                 ? outcome_set(outcome, STATUS_PERMITTED, "STS lets this host assume it")
                 : outcome_set(outcome, sts_failure_status(failure->kind), "%s", failure->text);
    if (error != 0) {
        snprintf(progress->examined->code, sizeof progress->examined->code, "%s", failure->code);
        snprintf(progress->assumed.request_id, sizeof progress->assumed.request_id, "%s",
                 failure->request_id);
    }
    /* What has to be refused is no failure, and who watches the file is not to be called for it. */
    as_it_must = error != 0 && progress->request->wrong_external_id &&
                 strncmp(failure->code, "AccessDenied", strlen("AccessDenied")) == 0;
    free(failure);
    if (audit(progress, role, as_it_must ? STATUS_PERMITTED : outcome->status,
              as_it_must ? "a wrong external id is refused, as it must be" : outcome->reason) != 0)
        status = outcome->status;
    credentials_free(&progress->assumed.credentials);
    return status;
}

static enum status examine_role(struct progress *progress)
{
    const struct policy *policy = progress->host->policy;
    const struct role *role =
        policy != NULL ? policy_find_role(policy, progress->request->role) : NULL;
    struct sts_assume_role *parameters = &progress->call.parameters;
    char external_id[EXTERNAL_SIZE], shown[ESCAPE_MAX];
    enum status status;

    if (role == NULL)
        return outcome_set(&progress->outcome, STATUS_MISCONFIGURED,
                           "the policy in force has no [role %s]",
                           escape(shown, sizeof shown, progress->request->role));
    if (role->settings.via != VIA_HOST)
        return outcome_set(&progress->outcome, STATUS_UNAVAILABLE,
                           "it is assumed with the user's own word, which nobody else has");
    name_doctor(progress);
    status = issue_check_bundle(policy, &progress->outcome);
    if (status == STATUS_PERMITTED)
        status = role_call_make(progress->host, progress->request, &progress->identity, role,
                                &progress->call, &progress->outcome);
    if (status != STATUS_PERMITTED)
        return status;
    parameters->duration = SHORTEST_LIFE;
    if (progress->request->wrong_external_id) {
        if (!make_external_id(external_id))
            return outcome_set(&progress->outcome, STATUS_UNAVAILABLE, "there is no randomness");
        parameters->external_id = external_id;
    }
    outcome_set(&progress->outcome, STATUS_PERMITTED, "about to be tried");
    if (audit(progress, role, STATUS_PERMITTED,
              "it is about to be assumed, to see whether it can be") != 0)
        return progress->outcome.status;
    status = try_role(progress, role);
    /* It lies in here. */
    parameters->external_id = NULL;
    return status;
}

void examine_host(struct progress *progress)
{
    const struct request *request = progress->request;

    progress->examined = arena_alloc(&progress->identity.memory, 1, sizeof *progress->examined);
    if (progress->examined == NULL)
        outcome_set(&progress->outcome, STATUS_UNAVAILABLE, "out of memory");
    else if (request->base != NULL)
        examine_base(progress);
    else if (request->role != NULL)
        examine_role(progress);
    else
        examine_policy(progress);
}
