/*
 * Trying again.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/sts_tries.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "common/escape.h"
#include "helper/asker.h"
#include "helper/aws_clock.h"
#include "helper/http.h"
#include "helper/log.h"
#include "helper/task.h"

#define TRIES_MOST 4
#define PAUSE_FIRST                                                                                \
    100                 /* milliseconds, the longest of the first pause; each may be twice longer  \
                         */
#define CALL_LEAST 200  /* milliseconds below which another call is not begun */
#define AN_HOUR    3600 /* seconds: what every role allows, and chained ones at most */

/* A call under way in one region. */
struct trying {
    const struct sts_tries *tries;
    struct sts sts;
    const struct credentials *base;
    struct sts_assume_role *call;
    struct deadline deadline;
    struct sts_assumed *assumed;
    struct sts_failure *failure;
    long signed_ahead; /* AWS's clock, when the last try was signed */
    bool reset;        /* the clock has been corrected, which is done once */
};

/* A number from 0 to below `bound`; without randomness the largest, which is as good as any. */
static unsigned random_below(unsigned bound)
{
    unsigned number;

    return getrandom(&number, sizeof number, GRND_NONBLOCK) == sizeof number ? number % bound
                                                                             : bound - 1;
}

/* Whether the same may succeed a moment later. */
static bool passes_by_itself(const struct sts_failure *failure)
{
    return failure->kind == STS_THROTTLED || failure->kind == STS_TRANSIENT ||
           failure->kind == STS_UNREACHABLE;
}

/* Whether another region may answer where this one did not. */
static bool is_the_regions(const struct sts_failure *failure)
{
    return passes_by_itself(failure) || failure->kind == STS_TIMED_OUT ||
           failure->kind == STS_REGION || failure->kind == STS_GARBLED;
}

/* Whether STS said that the role may not be assumed for that long. The code is that of any illegal
 * parameter. */
static bool is_too_long(const struct sts_failure *failure)
{
    return failure->kind == STS_ILLEGAL &&
           (strstr(failure->message, "MaxSessionDuration") != NULL ||
            strcasestr(failure->message, "role chaining") != NULL);
}

/* Whether something can be mended that another call then does right. */
static bool mend(struct trying *trying)
{
    const struct sts_failure *failure = trying->failure;

    if (failure->clock_known && !trying->reset) {
        (void)aws_clock_learn(failure->clock_ahead);
        /* Another request may have learned it first. */
        trying->reset = aws_clock_ahead() != trying->signed_ahead;
        return trying->reset;
    }
    if (!is_too_long(failure) || trying->call->duration <= AN_HOUR)
        return false;
    outcome_note(trying->tries->outcome,
                 "STS does not give %s for %d s, so it is assumed for an hour: lower `duration =`, "
                 "or raise the maximum session duration of the role in AWS",
                 trying->call->role_arn, trying->call->duration);
    trying->call->duration = AN_HOUR;
    return true;
}

/* One call, unless the user has had too many. */
static int call_once(struct trying *trying)
{
    const struct sts_tries *tries = trying->tries;
    struct sts_failure *failure = trying->failure;
    char asker[ASKER_SIZE] = "", shown[ESCAPE_MAX];

    trying->signed_ahead = aws_clock_ahead();
    if (tries->limits != NULL)
        asker_of_identity(asker, tries->identity);
    if (limits_take(tries->limits, LIMIT_CALLS, asker, deadline_in_ms(0)))
        return sts_assume_role(&trying->sts, trying->base, trying->call, trying->deadline,
                               trying->assumed, failure);
    sts_fail(failure, STS_THROTTLED,
             "this host has asked STS too often for %s in a short time, and waits",
             escape(shown, sizeof shown, asker));
    return EDQUOT;
}

static int try_in_region(struct trying *trying)
{
    unsigned longest = PAUSE_FIRST, tries = 1, pause;
    int error = call_once(trying);

    while (error == EIO) {
        if (mend(trying)) {
            error = call_once(trying);
            continue;
        }
        pause = random_below(longest);
        if (!passes_by_itself(trying->failure) || tries >= TRIES_MOST ||
            deadline_left_ms(trying->deadline) < (int)pause + CALL_LEAST)
            break;
        log_debug("STS in %s: try %u failed, the next in %u ms: %s", trying->sts.region, tries,
                  pause, trying->failure->text);
        task_pause((int)pause);
        longest *= 2;
        tries++;
        error = call_once(trying);
    }
    if (error == 0)
        trying->assumed->asked =
            trying->call->duration > 0 ? trying->call->duration : DURATION_DEFAULT;
    return error == 0 ? 0 : EIO;
}

/* The share of the time that a region gets: what is left is divided among those to come. */
static struct deadline share(struct deadline deadline, size_t regions)
{
    return deadline_earlier(deadline, deadline_in_ms(deadline_left_ms(deadline) / (int)regions));
}

struct sts sts_of_policy(const struct policy *policy, const char *region, const char *signer)
{
    return (struct sts){
        .endpoint = policy->sts_endpoint,
        .region = region,
        .ca_bundle = policy->ca_bundle,
        .proxy = policy->proxy,
        .fips = policy->fips,
        .dual_stack = policy->dual_stack,
        .signer = signer,
    };
}

int sts_try(const struct sts_tries *tries, const struct credentials *base,
            struct sts_assume_role *call, struct deadline deadline, struct sts_assumed *assumed,
            struct sts_failure *failure)
{
    const struct texts *regions = tries->regions;
    struct trying trying = {
        .tries = tries,
        .base = base,
        .call = call,
        .assumed = assumed,
        .failure = failure,
    };
    int error = EIO;
    size_t i;

    if (http_start() != 0)
        return sts_fail(failure, STS_INTERNAL, "libcurl cannot be started");
    *failure = (struct sts_failure){.kind = STS_INTERNAL};
    for (i = 0; i < regions->count && error != 0; i++) {
        if (i > 0 && (!is_the_regions(failure) || deadline_left_ms(deadline) < CALL_LEAST))
            break;
        trying.sts = sts_of_policy(tries->policy, regions->items[i], tries->signer);
        trying.deadline = share(deadline, regions->count - i);
        error = try_in_region(&trying);
        if (error == 0 && i > 0)
            outcome_note(tries->outcome, "STS in %s did not answer, and that in %s did",
                         regions->items[0], regions->items[i]);
        else if (error != 0 && i + 1 < regions->count)
            log_warning_seldom("STS in %s: %s", regions->items[i], failure->text);
    }
    return error;
}
