/*
 * Issuing.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/issue.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/escape.h"
#include "common/trusted_file.h"
#include "helper/assume.h"
#include "helper/aws_clock.h"
#include "helper/cache.h"
#include "helper/log.h"
#include "helper/role_key.h"
#include "helper/sts_explain.h"
#include "helper/user_proof.h"

#define BUNDLE_MAX   ((size_t)16 * 1024 * 1024) /* many times all authorities that there are */
#define CLOCK_LEEWAY 5 /* seconds by which STS's clock and ours may differ unnoticed */

enum status issue_prepare(struct progress *progress)
{
    struct outcome *outcome = &progress->outcome;
    const struct role *role = progress->role->role;
    enum status status = role_call_make(progress->host, progress->request, &progress->identity,
                                        role, &progress->call, outcome);

    if (status != STATUS_PERMITTED)
        return status;
    outcome->role = role;
    outcome->role_arn = strdup(progress->call.role_arn);
    if (outcome->role_arn == NULL)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "out of memory preparing a role");
    return STATUS_PERMITTED;
}

enum status issue_check_bundle(const struct policy *policy, struct outcome *outcome)
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

/*
 * The longest life, in seconds, of credentials for a role that ends in `left` seconds. STS counts
 * from when it answers, which it may do as late as the deadline.
 */
static time_t whole_life(time_t left, struct deadline deadline)
{
    time_t whole = left - (deadline_left_ms(deadline) + 999) / 1000;

    return whole > SHORTEST_LIFE ? whole : SHORTEST_LIFE;
}

/*
 * Fits the duration into what is left of the role, and says what is wanted of credentials in
 * memory. Returns PERMITTED, or DENIED where too little is left.
 */
static enum status fit_duration(struct progress *progress, struct cache_wish *wish)
{
    const struct permitted_role *permitted = progress->role;
    const struct role_settings *settings = &permitted->role->settings;
    int duration = settings->duration != 0 ? settings->duration : DURATION_DEFAULT;
    time_t now = time(NULL), left = permitted->ends != 0 ? permitted->ends - now : duration, whole;
    char role[ESCAPE_MAX];

    escape(role, sizeof role, permitted->role->name);
    if (progress->request->min_life > duration) {
        snprintf(progress->outcome.message, sizeof progress->outcome.message,
                 "credentials for role %.200s live for %d minutes in all: ask for less", role,
                 duration / 60);
        return outcome_set(&progress->outcome, STATUS_DENIED,
                           "%ld s of life are asked for, but credentials for role %s live for "
                           "%d s in all",
                           progress->request->min_life, role, duration);
    }
    if (left < SHORTEST_LIFE) {
        snprintf(progress->outcome.message, sizeof progress->outcome.message,
                 "role %.200s is yours for %lld minutes more, and AWS issues nothing for less than "
                 "%d",
                 role, (long long)left / 60, SHORTEST_LIFE / 60);
        return outcome_set(&progress->outcome, STATUS_DENIED,
                           "role %s is permitted for %lld s more, and AWS issues nothing for less "
                           "than %d s",
                           role, (long long)left, SHORTEST_LIFE);
    }
    wish->now = aws_clock_now();
    wish->min_life = settings->min_life != 0 ? settings->min_life : duration / 2;
    if (progress->request->min_life != 0)
        wish->min_life = progress->request->min_life;
    wish->fresh = progress->request->fresh;
    wish->under = progress->host->policy_hash;
    wish->human = progress->identity.human;
    if (permitted->ends != 0)
        wish->ends = permitted->ends + aws_clock_ahead() + CLOCK_LEEWAY;
    whole = permitted->ends != 0 ? whole_life(left, progress->request->deadline) : duration;
    if (whole < duration) {
        /* Nothing longer can be had, so what is in memory is as good as it gets. */
        progress->call.parameters.duration = (int)whole;
        wish->min_life = wish->min_life < whole / 2 ? wish->min_life : whole / 2;
    }
    return STATUS_PERMITTED;
}

/* Fits the call to what was sent for credentials from memory, for the audit line. Returns 0, or
 * EIO.
 */
static int tell_carried(struct progress *progress, struct sts_failure *failure)
{
    if (!progress->assumed.identity_is_carried ||
        role_call_keep_source_identity(&progress->call, progress->role->role, &progress->identity,
                                       progress->assumed.carried_identity,
                                       &progress->outcome) == STATUS_PERMITTED)
        return 0;
    credentials_free(&progress->assumed.credentials);
    return sts_fail(failure, STS_INTERNAL, "%s", progress->outcome.reason);
}

/*
 * Assumes the role, through the cache. Returns 0 with the assumed role; an errno and the failure;
 * or ECANCELED where the outcome says already why nothing is issued.
 */
static int obtain(struct progress *progress, struct cache_wish *wish, struct sts_failure *failure)
{
    struct cache *cache = progress->host->cache;
    int error;

    if (cache == NULL || !role_key(progress->host, &progress->identity, progress->role->role,
                                   &progress->call.parameters, wish->key))
        return assume(progress, &progress->assumed, failure);
    switch (cache_enter(cache, wish, progress->request->deadline, &progress->assumed, failure)) {
    case CACHE_HIT:
        progress->outcome.cached = true;
        return tell_carried(progress, failure);
    case CACHE_FAILED:
        return EIO;
    case CACHE_TIMED_OUT:
        return sts_fail(failure, STS_TIMED_OUT,
                        "STS did not answer in time to an equal request, which another login or "
                        "command had made before");
    case CACHE_LEAD:
        break;
    }
    /* Another's call may have been waited for, and there is less left of the role by now. */
    if (fit_duration(progress, wish) != STATUS_PERMITTED) {
        /* As one who ran out of time: whoever waits with a longer end goes on. */
        *failure = (struct sts_failure){.kind = STS_TIMED_OUT};
        cache_settle(cache, wish, NULL, failure);
        return ECANCELED;
    }
    error = assume(progress, &progress->assumed, failure);
    cache_settle(cache, wish, error == 0 ? &progress->assumed : NULL, error == 0 ? NULL : failure);
    return error;
}

/* Says what was done otherwise than the policy says. */
static void tell_notice(const struct progress *progress)
{
    if (progress->outcome.notice[0] != '\0')
        log_notice("reference %s: user %s: %s", progress->request->reference,
                   progress->identity.user.name, progress->outcome.notice);
}

enum status issue_credentials(struct progress *progress)
{
    struct outcome *outcome = &progress->outcome;
    struct sts_failure *failure = calloc(1, sizeof *failure);
    struct cache_wish wish = {.ends = 0};
    enum status status;
    int error;

    if (failure == NULL)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "out of memory asking STS");
    status = fit_duration(progress, &wish);
    if (status == STATUS_PERMITTED)
        status = issue_check_bundle(progress->host->policy, outcome);
    if (status == STATUS_PERMITTED)
        status = user_proof_prepare(progress);
    if (status != STATUS_PERMITTED)
        goto done;
    error = obtain(progress, &wish, failure);
    tell_notice(progress);
    if (error == ECANCELED) {
        status = outcome->status;
        goto done;
    }
    if (error != 0) {
        status = outcome_set(outcome, sts_failure_status(failure->kind), "%s", failure->text);
        if (failure->kind == STS_PROOF_INVALID)
            user_proof_refused(progress);
        snprintf(progress->assumed.request_id, sizeof progress->assumed.request_id, "%s",
                 failure->request_id);
        goto done;
    }
    outcome->credentials = progress->assumed.credentials;
    memset(&progress->assumed.credentials, 0, sizeof progress->assumed.credentials);

done:
    free(failure);
    return status;
}
