/*
 * Issuing.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/issue.h"

#include <errno.h>
#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/escape.h"
#include "common/trusted_file.h"
#include "helper/base.h"
#include "helper/cache.h"
#include "helper/http.h"
#include "helper/limits.h"
#include "helper/log.h"
#include "helper/sts.h"

#define BUNDLE_MAX   ((size_t)16 * 1024 * 1024) /* many times all authorities that there are */
#define SHORTEST     900 /* seconds: STS API reference, AssumeRole, DurationSeconds */
#define CLOCK_LEEWAY 5   /* seconds by which STS's clock and ours may differ unnoticed */

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

/* Whether nobody but root can have written the policy's ca_bundle. */
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

/*
 * Fits the duration into what is left of the role, and says what is wanted of credentials in
 * memory. Returns PERMITTED, or DENIED where too little is left.
 */
static enum status fit_duration(struct progress *progress, struct cache_wish *wish)
{
    const struct permitted_role *permitted = progress->role;
    const struct role_settings *settings = &permitted->role->settings;
    int duration = settings->duration != 0 ? settings->duration : DURATION_DEFAULT;
    time_t now = time(NULL), left = permitted->ends != 0 ? permitted->ends - now : duration;
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
    if (left < SHORTEST) {
        snprintf(progress->outcome.message, sizeof progress->outcome.message,
                 "role %.200s is yours for %lld minutes more, and AWS issues nothing for less than "
                 "%d",
                 role, (long long)left / 60, SHORTEST / 60);
        return outcome_set(&progress->outcome, STATUS_DENIED,
                           "role %s is permitted for %lld s more, and AWS issues nothing for less "
                           "than %d s",
                           role, (long long)left, SHORTEST);
    }
    wish->now = now;
    wish->min_life = settings->min_life != 0 ? settings->min_life : duration / 2;
    if (progress->request->min_life != 0)
        wish->min_life = progress->request->min_life;
    wish->fresh = progress->request->fresh;
    if (permitted->ends != 0)
        wish->ends = permitted->ends + CLOCK_LEEWAY;
    if (left < duration) {
        /* Nothing longer can be had, so what is in memory is as good as it gets. */
        progress->call.parameters.duration = (int)left;
        wish->min_life = wish->min_life < left / 2 ? wish->min_life : left / 2;
    }
    return STATUS_PERMITTED;
}

/*
 * Hashes everything that shapes the credentials: the request as it would be without the cut of its
 * duration, whom it is sent to, who signs it, and for whom. Returns whether it could be.
 */
static bool make_key(const struct progress *progress, const struct credentials *base,
                     unsigned char key[CACHE_KEY_SIZE])
{
    const struct policy *policy = progress->host->policy;
    struct sts_assume_role uncut = progress->call.parameters;
    const uid_t uid = progress->identity.user.uid;
    struct secret body = {NULL, 0};
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    const char *texts[] = {policy->sts_endpoint != NULL ? policy->sts_endpoint : "", policy->region,
                           base->access_key_id};
    bool fine;
    size_t i;

    uncut.duration = progress->role->role->settings.duration;
    fine = hash != NULL && sts_body(&uncut, &body) == 0 &&
           EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 &&
           EVP_DigestUpdate(hash, body.bytes, body.length + 1) == 1 &&
           EVP_DigestUpdate(hash, &uid, sizeof uid) == 1;
    for (i = 0; fine && i < sizeof texts / sizeof texts[0]; i++)
        fine = EVP_DigestUpdate(hash, texts[i], strlen(texts[i]) + 1) == 1;
    fine = fine && EVP_DigestFinal_ex(hash, key, NULL) == 1;
    EVP_MD_CTX_free(hash);
    secret_free(&body);
    return fine;
}

/* Asks STS. Returns 0 with the assumed role, or EIO with the failure. */
static int call_sts(struct progress *progress, const struct credentials *base,
                    struct sts_failure *failure)
{
    const struct policy *policy = progress->host->policy;
    const struct sts sts = {policy->sts_endpoint, policy->region, policy->ca_bundle};
    const struct request *request = progress->request;
    int error;

    memset(failure, 0, sizeof *failure);
    if (!limits_take(progress->host->limits, LIMIT_CALLS, progress->identity.user.name,
                     deadline_in_ms(0))) {
        *failure = (struct sts_failure){.kind = STS_THROTTLED};
        snprintf(failure->text, sizeof failure->text,
                 "this host has asked STS too often for user %s in a short time, and waits",
                 progress->identity.user.name);
        return EIO;
    }
    if (http_start() != 0) {
        *failure = (struct sts_failure){.kind = STS_INTERNAL};
        strcpy(failure->text, "libcurl cannot be started");
        return EIO;
    }
    log_debug("reference %s: assuming %s as %s", request->reference,
              progress->call.parameters.role_arn, progress->call.session_name);
    error = sts_assume_role(&sts, base, &progress->call.parameters, request->deadline,
                            &progress->assumed, failure);
    if (error == 0 && progress->assumed.credentials.expiration <= time(NULL)) {
        credentials_free(&progress->assumed.credentials);
        *failure = (struct sts_failure){.kind = STS_GARBLED};
        snprintf(failure->text, sizeof failure->text,
                 "STS answered for role %s with credentials that have expired already (is this "
                 "host's clock right, is something between here and STS?)",
                 progress->role->role->name);
        error = EIO;
    }
    return error;
}

/*
 * As call_sts, through the cache. Returns 0 with the assumed role; an errno and the failure; or
 * ECANCELED where the outcome says already why nothing is issued.
 */
static int obtain(struct progress *progress, const struct credentials *base,
                  struct cache_wish *wish, struct sts_failure *failure)
{
    struct cache *cache = progress->host->cache;
    int error;

    if (cache == NULL || !make_key(progress, base, wish->key))
        return call_sts(progress, base, failure);
    switch (cache_enter(cache, wish, progress->request->deadline, &progress->assumed, failure)) {
    case CACHE_HIT:
        progress->outcome.cached = true;
        return 0;
    case CACHE_FAILED:
        return EIO;
    case CACHE_TIMED_OUT:
        *failure = (struct sts_failure){.kind = STS_TIMED_OUT};
        strcpy(failure->text, "STS did not answer in time to an equal request, which another "
                              "login or command had made before");
        return EIO;
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
    error = call_sts(progress, base, failure);
    cache_settle(cache, wish, error == 0 ? &progress->assumed : NULL, error == 0 ? NULL : failure);
    return error;
}

enum status issue_credentials(struct progress *progress)
{
    struct outcome *outcome = &progress->outcome;
    struct credentials base = {.expiration = 0};
    struct sts_failure *failure = calloc(1, sizeof *failure);
    struct cache_wish wish = {.ends = 0};
    enum status status;
    int error;

    if (failure == NULL)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "out of memory asking STS");
    status = fit_duration(progress, &wish);
    if (status == STATUS_PERMITTED)
        status = check_bundle(progress->host->policy, outcome);
    if (status == STATUS_PERMITTED)
        status = base_fetch(progress->host, &base, outcome);
    if (status != STATUS_PERMITTED)
        goto done;
    error = obtain(progress, &base, &wish, failure);
    if (error == ECANCELED) {
        status = outcome->status;
        goto done;
    }
    if (error != 0) {
        status = outcome_set(outcome, status_of_failure[failure->kind], "%s", failure->text);
        snprintf(progress->assumed.request_id, sizeof progress->assumed.request_id, "%s",
                 failure->request_id);
        goto done;
    }
    outcome->credentials = progress->assumed.credentials;
    memset(&progress->assumed.credentials, 0, sizeof progress->assumed.credentials);

done:
    free(failure);
    credentials_free(&base);
    return status;
}
