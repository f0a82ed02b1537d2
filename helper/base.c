/*
 * Base credentials, by source; in the service from memory where they are live.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/base.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/aws_clock.h"
#include "helper/base_source.h"
#include "helper/cache.h"
#include "helper/log.h"
#include "helper/metrics.h"
#include "helper/policy_store.h"
#include "helper/task.h"

#define REFRESH_BEFORE 300  /* seconds before their end: AWS's own rotate five minutes before it */
#define KEEP_ENDLESS   300  /* seconds for which what has no end is kept */
#define FAILED_FOR     2    /* seconds for which a source that failed is left alone */
#define TIME_IS_UP_MS  250  /* with less left, it was the deadline that a fetch failed by */
#define FETCH_MS       3000 /* for a fetch, where the policy has no timeout: a login's by default */

static base_source_fetch *const fetch[BASE_SOURCES] = {
    [BASE_FILE] = base_file_fetch,
    [BASE_IMDS] = base_imds_fetch,
    [BASE_CONTAINER] = base_container_fetch,
    [BASE_WEB_IDENTITY] = base_web_identity_fetch,
    [BASE_ROLES_ANYWHERE] = base_roles_anywhere_fetch,
    [BASE_PROCESS] = base_process_fetch,
};

/* A fetch under way. */
struct fetching {
    const struct host *host;
    const struct base *base;
    struct deadline deadline;
    struct outcome *outcome;
};

static enum status fail(const struct fetching *fetching, enum status status, const char *why)
{
    const struct base *base = fetching->base;

    return outcome_set(fetching->outcome, status, "the base credentials of [%s] at %s:%u: %s",
                       base->title, base->at.file, base->at.line, why);
}

/* Asks the source. */
static enum status ask(const struct fetching *fetching, struct credentials *credentials,
                       char why[BASE_WHY_SIZE])
{
    const struct base *base = fetching->base;
    enum status status;

    memset(credentials, 0, sizeof *credentials);
    why[0] = '\0';
    status = fetch[base->source](fetching->host, base, fetching->deadline, credentials, why);
    if (status != STATUS_PERMITTED)
        metrics_count(METRICS_BASE_FAILURES);
    return status;
}

/* As ask, with the reason in the outcome. */
static enum status ask_now(const struct fetching *fetching, struct credentials *credentials)
{
    char why[BASE_WHY_SIZE];
    enum status status = ask(fetching, credentials, why);

    return status == STATUS_PERMITTED ? status : fail(fetching, status, why);
}

/* The place of a base in the cache: its name under the policy that says what it is. */
static bool make_key(const struct fetching *fetching, unsigned char key[CACHE_KEY_SIZE])
{
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    const char *policy = fetching->host->policy_hash, *name = fetching->base->name;
    bool fine = hash != NULL && EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 &&
                EVP_DigestUpdate(hash, policy, strlen(policy) + 1) == 1 &&
                EVP_DigestUpdate(hash, name, strlen(name) + 1) == 1 &&
                EVP_DigestFinal_ex(hash, key, NULL) == 1;

    EVP_MD_CTX_free(hash);
    return fine;
}

/* What those who wait hear of a fetch that failed: nothing, where its leader had too little time.
 */
static enum sts_kind kind_of(const struct fetching *fetching, enum status status)
{
    if (status == STATUS_MISCONFIGURED)
        return STS_BASE_INVALID;
    return deadline_left_ms(fetching->deadline) < TIME_IS_UP_MS ? STS_TIMED_OUT : STS_INTERNAL;
}

/* Asks the source for all who wait. Returns the status, with the reason in *failure. */
static enum status lead(const struct fetching *fetching, const struct cache_wish *wish,
                        struct sts_assumed *assumed, struct sts_failure *failure)
{
    struct cache *cache = fetching->host->base_cache;
    struct cache_wish now = *wish;
    char why[BASE_WHY_SIZE];
    enum status status = ask(fetching, &assumed->credentials, why);

    if (status == STATUS_PERMITTED) {
        if (assumed->credentials.expiration == 0)
            assumed->credentials.expiration = wish->now + KEEP_ENDLESS;
        cache_settle(cache, wish, assumed, NULL);
        return status;
    }
    failure->kind = kind_of(fetching, status);
    snprintf(failure->text, sizeof failure->text, "%s", why);
    now.now = aws_clock_now();
    cache_settle(cache, &now, NULL, failure);
    return status;
}

/* A fetch in a task of its own. */
struct shared_fetch {
    struct host host;
    struct fetching fetching; /* of that host; it has no outcome */
    struct cache_wish wish;
    struct sts_assumed assumed;
    struct sts_failure failure;
};

/* How long a fetch may take that is for all who wait: as long as a login may, however little time
 * who asked first has left. */
static struct deadline time_for_all(const struct fetching *fetching)
{
    const int64_t timeout_ms = fetching->host->policy->timeout_ms;
    const struct deadline all = deadline_in_ms(timeout_ms > 0 ? timeout_ms * 3 / 5 : FETCH_MS);

    return all.ns > fetching->deadline.ns ? all : fetching->deadline;
}

static void fetch_for_all(void *argument)
{
    struct shared_fetch *shared = argument;

    /* Who asked may have had no time to hear how it failed. */
    if (lead(&shared->fetching, &shared->wish, &shared->assumed, &shared->failure) !=
        STATUS_PERMITTED)
        log_warning_seldom("the base credentials of [%s] cannot be had: %s",
                           shared->fetching.base->title, shared->failure.text);
    credentials_free(&shared->assumed.credentials);
    host_release_policy(&shared->host);
    free(shared);
}

/*
 * Has a task of its own lead, under the policy at hand, so that who asked first waits like all
 * others, and no longer than they have time for. Returns whether; else the caller leads.
 */
static bool hand_over(const struct fetching *fetching, const struct cache_wish *wish)
{
    struct shared_fetch *shared = task_is_running() ? calloc(1, sizeof *shared) : NULL;

    if (shared == NULL)
        return false;
    shared->host = *fetching->host;
    shared->host.lookup = NULL;
    shared->host.loaded = policy_store_hold_again(fetching->host->loaded);
    shared->fetching =
        (struct fetching){&shared->host, fetching->base, time_for_all(fetching), NULL};
    shared->wish = *wish;
    if (task_start(fetch_for_all, shared) == 0)
        return true;
    host_release_policy(&shared->host);
    free(shared);
    return false;
}

/* Takes what is in memory if it lives at all, unless it is what STS has refused. Returns whether.
 */
static bool take_living(const struct fetching *fetching, const struct cache_wish *wish,
                        const char *refused, struct sts_assumed *assumed)
{
    struct cache_wish any = *wish;

    any.min_life = 0;
    if (!cache_look(fetching->host->base_cache, &any, assumed))
        return false;
    if (refused == NULL || strcmp(refused, assumed->credentials.access_key_id) != 0)
        return true;
    credentials_free(&assumed->credentials);
    return false;
}

/* From memory, from the source, or from another's call to it. Returns the status, with the reason
 * in *failure. */
static enum status obtain(const struct fetching *fetching, const struct cache_wish *wish,
                          struct sts_assumed *assumed, struct sts_failure *failure)
{
    struct cache *cache = fetching->host->base_cache;
    struct cache_wish other = *wish;
    enum cache_answer answer = cache_enter(cache, wish, fetching->deadline, assumed, failure);

    if (answer == CACHE_LEAD && hand_over(fetching, wish)) {
        /* What that fetch brings will do, and nothing that is in memory before. */
        other.fresh = true;
        other.min_life = wish->fresh ? wish->min_life : 0;
        answer = cache_enter(cache, &other, fetching->deadline, assumed, failure);
    }
    switch (answer) {
    case CACHE_HIT:
        return STATUS_PERMITTED;
    case CACHE_LEAD:
        return lead(fetching, wish, assumed, failure);
    case CACHE_FAILED:
        return failure->kind == STS_BASE_INVALID ? STATUS_MISCONFIGURED : STATUS_UNAVAILABLE;
    default:
        strcpy(failure->text, "their source did not answer in time; the log tells how that ends");
        return STATUS_UNAVAILABLE;
    }
}

/* As obtain; but where that fails, what is in memory is used for as long as it lives. */
static enum status renew(const struct fetching *fetching, const struct cache_wish *wish,
                         const char *refused, struct sts_assumed *assumed,
                         struct sts_failure *failure)
{
    struct fetching in_time = *fetching;
    enum status status;

    /* STS needs the other half. */
    if (take_living(fetching, wish, refused, assumed)) {
        credentials_free(&assumed->credentials);
        in_time.deadline = deadline_in_ms(deadline_left_ms(fetching->deadline) / 2);
    }
    status = obtain(&in_time, wish, assumed, failure);
    if (status == STATUS_PERMITTED)
        return status;
    if (!take_living(fetching, wish, refused, assumed))
        return fail(fetching, status, failure->text);
    log_warning_seldom("the base credentials of [%s] cannot be renewed: %s", fetching->base->title,
                       failure->text);
    return STATUS_PERMITTED;
}

/* As ask_now, but only where nothing in memory will do and nobody else is asking. */
static enum status share(const struct fetching *fetching, const char *refused,
                         struct credentials *credentials)
{
    struct cache *cache = fetching->host->base_cache;
    struct cache_wish wish = {.now = aws_clock_now(),
                              .min_life = REFRESH_BEFORE,
                              .failed_for = FAILED_FOR,
                              .under = fetching->host->policy_hash};
    struct sts_assumed assumed = {.packed_policy_size = -1};
    struct sts_failure *failure = calloc(1, sizeof *failure);
    enum status status;

    if (failure == NULL || !make_key(fetching, wish.key)) {
        free(failure);
        return fail(fetching, STATUS_UNAVAILABLE, "out of memory");
    }
    if (refused != NULL && cache_look(cache, &wish, &assumed)) {
        wish.fresh = strcmp(refused, assumed.credentials.access_key_id) == 0;
        credentials_free(&assumed.credentials);
    }
    status = renew(fetching, &wish, refused, &assumed, failure);
    *credentials = assumed.credentials;
    free(failure);
    return status;
}

enum status base_fetch(const struct host *host, const struct base *base, const char *refused,
                       struct deadline deadline, struct credentials *credentials,
                       struct outcome *outcome)
{
    const struct fetching fetching = {host, base, deadline, outcome};

    if (base->source == BASE_FILE || host->base_cache == NULL)
        return ask_now(&fetching, credentials);
    return share(&fetching, refused, credentials);
}
