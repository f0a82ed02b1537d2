/*
 * From base credentials to a role, step by step.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/assume.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"
#include "helper/aws_clock.h"
#include "helper/base.h"
#include "helper/cache.h"
#include "helper/log.h"
#include "helper/role_key.h"
#include "helper/sts_tries.h"

#define CLOCKS_APART 300 /* seconds that AWS forgives, so that nobody learns of the difference */
#define STEP_LIFE    60  /* seconds that a session in front must have left: it signs one call */

/* A role on the way, the last being the one in question. */
struct step {
    const struct role *role;
    struct role_call own;   /* of the roles in front, made here */
    struct role_call *call; /* that, or the progress's */
};

/* A role being assumed. */
struct assuming {
    struct progress *progress;
    struct step *steps; /* the one that the base assumes first */
    size_t count;
};

/* Sets a failure to what an outcome says, which is that of no request. Returns EIO. */
static int fail_as(struct sts_failure *failure, const struct outcome *outcome)
{
    return sts_fail(failure,
                    outcome->status == STATUS_MISCONFIGURED ? STS_BASE_INVALID : STS_INTERNAL, "%s",
                    outcome->reason);
}

/* Whom to ask for a role, with whose credentials. */
static struct sts_tries tries_for(struct progress *progress, const struct role *role,
                                  const char *signer)
{
    return (struct sts_tries){
        .policy = progress->host->policy,
        .regions = &role->settings.sts_regions,
        .signer = signer,
        /* A doctor is root's, and one at a time. */
        .limits = progress->request->operation == OPERATION_EXAMINE ? NULL : progress->host->limits,
        .identity = &progress->identity,
        .outcome = &progress->outcome,
    };
}

/* Cuts the duration to what STS gives to those whose own credentials are a session's. */
static void fit_chained(struct progress *progress, struct sts_assume_role *call)
{
    if (call->duration <= CHAINED_MOST)
        return;
    outcome_note(
        &progress->outcome,
        "what signs for %s is a session itself, and AWS gives those an hour at most: it is "
        "assumed for that, not for %d s",
        call->role_arn, call->duration);
    call->duration = CHAINED_MOST;
}

/* Makes one step's call with the credentials that sign it, those of [title]. */
static int call_step(struct assuming *assuming, struct step *step, const struct credentials *signer,
                     const char *title, bool fixed, struct sts_assumed *assumed,
                     struct sts_failure *failure)
{
    struct progress *progress = assuming->progress;
    const struct sts_tries tries = tries_for(progress, step->role, title);
    const bool is_carried = fixed || signer->source_identity[0] != '\0';
    struct outcome *local;
    int error = 0;

    if (is_carried) {
        local = calloc(1, sizeof *local);
        if (local == NULL)
            return sts_fail(failure, STS_INTERNAL, "out of memory preparing a call of STS");
        if (role_call_keep_source_identity(step->call, step->role, &progress->identity,
                                           signer->source_identity, local) != STATUS_PERMITTED)
            error = fail_as(failure, local);
        free(local);
    }
    if (error != 0)
        return error;
    if (signer->session_token.length > 0)
        fit_chained(progress, &step->call->parameters);
    error = sts_try(&tries, signer, &step->call->parameters, progress->request->deadline, assumed,
                    failure);
    assumed->identity_is_carried = is_carried;
    strcpy(assumed->carried_identity, signer->source_identity);
    return error;
}

/* Whether another identity of this host may succeed where this one did not. */
static bool is_refusal(const struct sts_failure *failure)
{
    return failure->kind == STS_BASE_INVALID || failure->kind == STS_REFUSED;
}

/* Fetches credentials of a base. Returns 0, or EIO with the failure. */
static int fetch(struct assuming *assuming, const struct base *base, const char *refused,
                 struct credentials *credentials, struct sts_failure *failure)
{
    struct progress *progress = assuming->progress;
    struct outcome *outcome = calloc(1, sizeof *outcome);
    int error = 0;

    if (outcome == NULL)
        return sts_fail(failure, STS_INTERNAL, "out of memory fetching base credentials");
    if (base_fetch(progress->host, base, refused, progress->request->deadline, credentials,
                   outcome) != STATUS_PERMITTED)
        error = fail_as(failure, outcome);
    free(outcome);
    return error;
}

/*
 * Makes a step's call with one base. Credentials that STS does not take may have been kept for too
 * long: then they are fetched anew, once.
 */
static int call_with_base(struct assuming *assuming, struct step *step, const struct base *base,
                          struct sts_assumed *assumed, struct sts_failure *failure)
{
    struct credentials signer = {.expiration = 0};
    char refused[ACCESS_KEY_ID_MAX + 1];
    int error = fetch(assuming, base, NULL, &signer, failure);

    if (error != 0)
        return error;
    error = call_step(assuming, step, &signer, base->title, base->source_identity_fixed, assumed,
                      failure);
    if (error == 0 || failure->kind != STS_BASE_INVALID ||
        assuming->progress->host->base_cache == NULL || base->source == BASE_FILE)
        goto done;
    strcpy(refused, signer.access_key_id);
    credentials_free(&signer);
    log_debug("[%s]: STS does not take access key %s, which is fetched anew", base->title, refused);
    error = fetch(assuming, base, refused, &signer, failure);
    if (error == 0 && strcmp(refused, signer.access_key_id) == 0)
        error = EIO; /* the source has no others: what STS said of these stands */
    else if (error == 0)
        error = call_step(assuming, step, &signer, base->title, base->source_identity_fixed,
                          assumed, failure);

done:
    credentials_free(&signer);
    return error;
}

/* Makes the first step's call: with the role's base, or those that succeed it. */
static int call_first(struct assuming *assuming, struct sts_assumed *assumed,
                      struct sts_failure *failure)
{
    struct step *first = &assuming->steps[0];
    const struct base *base = first->role->settings.base;
    const char *refused;
    int error = call_with_base(assuming, first, base, assumed, failure);

    while (error != 0 && is_refusal(failure) && base->successor != NULL) {
        log_warning_seldom("[%s] was refused, and its successor [%s] is tried: %s", base->title,
                           base->successor->title, failure->text);
        refused = base->title;
        base = base->successor;
        error = call_with_base(assuming, first, base, assumed, failure);
        if (error == 0)
            outcome_note(&assuming->progress->outcome,
                         "[%s] was refused, and its successor [%s] worked", refused, base->title);
    }
    return error;
}

static int assume_step(struct assuming *assuming, size_t i, struct sts_assumed *assumed,
                       struct sts_failure *failure);

/* The session of the step in front of step `i`, from memory or anew. Returns 0, or EIO. */
static int session_of(struct assuming *assuming, size_t i, bool fresh, struct sts_assumed *assumed,
                      struct sts_failure *failure)
{
    struct progress *progress = assuming->progress;
    struct cache *cache = progress->host->cache;
    struct step *step = &assuming->steps[i];
    struct cache_wish wish = {.now = aws_clock_now(),
                              .min_life = STEP_LIFE,
                              .fresh = fresh,
                              .under = progress->host->policy_hash,
                              .human = progress->identity.human};
    int error;

    if (cache == NULL || !role_key(progress->host, &progress->identity, step->role,
                                   &step->call->parameters, wish.key))
        return assume_step(assuming, i, assumed, failure);
    switch (cache_enter(cache, &wish, progress->request->deadline, assumed, failure)) {
    case CACHE_HIT:
        return 0;
    case CACHE_FAILED:
        return EIO;
    case CACHE_TIMED_OUT:
        return sts_fail(failure, STS_TIMED_OUT,
                        "STS did not answer in time to an equal request for the role in front");
    case CACHE_LEAD:
        break;
    }
    error = assume_step(assuming, i, assumed, failure);
    cache_settle(cache, &wish, error == 0 ? assumed : NULL, error == 0 ? NULL : failure);
    return error;
}

/* Assumes step `i` with the session of the step in front of it, which may have been kept too long.
 */
static int assume_behind(struct assuming *assuming, size_t i, struct sts_assumed *assumed,
                         struct sts_failure *failure)
{
    struct step *step = &assuming->steps[i];
    struct sts_assumed *hub = calloc(1, sizeof *hub);
    char title[ESCAPE_MAX];
    int error, attempt;

    if (hub == NULL)
        return sts_fail(failure, STS_INTERNAL, "out of memory assuming a role in front");
    snprintf(title, sizeof title, "role %s", assuming->steps[i - 1].role->name);
    for (attempt = 0, error = EIO; error != 0 && attempt < 2; attempt++) {
        if (attempt > 0 && failure->kind != STS_BASE_INVALID)
            break;
        error = session_of(assuming, i - 1, attempt > 0, hub, failure);
        if (error != 0)
            break;
        error = call_step(assuming, step, &hub->credentials, title, false, assumed, failure);
        credentials_free(&hub->credentials);
    }
    free(hub);
    return error;
}

static int assume_step(struct assuming *assuming, size_t i, struct sts_assumed *assumed,
                       struct sts_failure *failure)
{
    return i == 0 ? call_first(assuming, assumed, failure)
                  : assume_behind(assuming, i, assumed, failure);
}

/* Finds the roles in front of the one in question. Returns 0, or EIO with the failure. */
static int find_steps(struct assuming *assuming, struct sts_failure *failure)
{
    const struct role *role;
    size_t i;

    for (role = assuming->progress->role->role; role != NULL; role = role->settings.base_role)
        assuming->count++;
    assuming->steps = calloc(assuming->count, sizeof *assuming->steps);
    if (assuming->steps == NULL)
        return sts_fail(failure, STS_INTERNAL, "out of memory preparing the roles in front");
    role = assuming->progress->role->role;
    for (i = assuming->count; i-- > 0; role = role->settings.base_role) {
        assuming->steps[i].role = role;
        assuming->steps[i].call = &assuming->steps[i].own;
    }
    assuming->steps[assuming->count - 1].call = &assuming->progress->call;
    return 0;
}

/* Makes the calls of the roles in front, and fits each to what stands before it. */
static enum status prepare(struct assuming *assuming, struct outcome *outcome)
{
    struct progress *progress = assuming->progress;
    enum status status = STATUS_PERMITTED;
    size_t i, before;

    for (i = 0; status == STATUS_PERMITTED && i + 1 < assuming->count; i++)
        status = role_call_make(progress->host, progress->request, &progress->identity,
                                assuming->steps[i].role, &assuming->steps[i].own, outcome);
    for (i = 1; i < assuming->count; i++)
        for (before = 0; status == STATUS_PERMITTED && before < i; before++)
            status = role_call_inherit_tags(assuming->steps[i].call, assuming->steps[i].role,
                                            assuming->steps[before].call, outcome);
    return status;
}

/* Assumes a role with the host's identity. */
static int assume_as_host(struct progress *progress, struct sts_assumed *assumed,
                          struct sts_failure *failure)
{
    struct assuming assuming = {.progress = progress};
    struct outcome *outcome = calloc(1, sizeof *outcome);
    size_t i;
    int error;

    if (outcome == NULL)
        return sts_fail(failure, STS_INTERNAL, "out of memory assuming a role");
    error = find_steps(&assuming, failure);
    if (error == 0 && prepare(&assuming, outcome) != STATUS_PERMITTED)
        error = fail_as(failure, outcome);
    if (error == 0)
        error = assume_step(&assuming, assuming.count - 1, assumed, failure);
    for (i = 0; assuming.steps != NULL && i + 1 < assuming.count; i++)
        role_call_free(&assuming.steps[i].own);
    free(assuming.steps);
    free(outcome);
    return error;
}

/* Assumes a role with the user's own proof, which the call holds. */
static int assume_as_user(struct progress *progress, struct sts_assumed *assumed,
                          struct sts_failure *failure)
{
    const struct sts_tries tries = tries_for(progress, progress->role->role, NULL);

    return sts_try(&tries, NULL, &progress->call.parameters, progress->request->deadline, assumed,
                   failure);
}

/*
 * Whether what was assumed lives at all, by AWS's clock, and no longer than was asked for: a
 * promise, as the role may end then.
 */
static int check_life(const struct progress *progress, struct sts_assumed *assumed,
                      struct sts_failure *failure)
{
    const time_t life = assumed->credentials.expiration - aws_clock_now();
    char name[ESCAPE_MAX];

    if (life > 0 && life <= assumed->asked + CLOCKS_APART)
        return 0;
    credentials_free(&assumed->credentials);
    return sts_fail(failure, STS_GARBLED,
                    "STS answered for role %s with credentials that %s (is this host's clock "
                    "right, is something between here and STS?)",
                    escape(name, sizeof name, progress->role->role->name),
                    life > 0 ? "live longer than was asked for" : "have expired already");
}

int assume(struct progress *progress, struct sts_assumed *assumed, struct sts_failure *failure)
{
    int error;

    log_debug("reference %s: assuming %s as %s", progress->request->reference,
              progress->call.parameters.role_arn, progress->call.session_name);
    error = progress->role->role->settings.via == VIA_HOST
                ? assume_as_host(progress, assumed, failure)
                : assume_as_user(progress, assumed, failure);
    return error == 0 ? check_life(progress, assumed, failure) : error;
}
