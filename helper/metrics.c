/*
 * Counting.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/metrics.h"

#include <string.h>

#include "common/wire.h"

#define OTHER "other"
/* What the name of a region is made of. */
#define REGION_CHARACTERS "abcdefghijklmnopqrstuvwxyz0123456789-"
#define US_PER_MS         1000

static struct metrics metrics;

const char *const metrics_services[METRICS_SERVICES] = {"sshd",  "sudo", "su",
                                                        "login", "cron", OTHER};

const char *const metrics_purposes[METRICS_PURPOSES] = {
    METRICS_LOGIN,    WIRE_PURPOSE_SWITCH,  WIRE_PURPOSE_RENEW, WIRE_PURPOSE_EXEC,
    WIRE_PURPOSE_ENV, WIRE_PURPOSE_PROCESS, WIRE_OP_CONSOLE,    OTHER};

const char *const metrics_sources[METRICS_SOURCES] = {
    [METRICS_OF_STS] = "sts", [METRICS_OF_MEMORY] = "memory"};

const char *const metrics_sts_results[METRICS_STS_RESULTS] = {
    [STS_REFUSED] = "refused",
    [STS_THROTTLED] = "throttled",
    [STS_TRANSIENT] = "transient",
    [STS_BASE_INVALID] = "base-invalid",
    [STS_PROOF_INVALID] = "proof-invalid",
    [STS_CLOCK] = "clock",
    [STS_ILLEGAL] = "illegal",
    [STS_REGION] = "region",
    [STS_GARBLED] = "garbled",
    [STS_TIMED_OUT] = "timed-out",
    [STS_UNREACHABLE] = "unreachable",
    [STS_UNTRUSTED] = "untrusted",
    [STS_INTERNAL] = "internal",
    [METRICS_STS_SUCCESS] = "success",
};

const int metrics_bucket_ms[METRICS_BUCKETS] = {25, 50, 100, 250, 500, 1000, 2500, 5000, 10000};
const char *const metrics_bucket_names[METRICS_BUCKETS] = {"0.025", "0.05", "0.1", "0.25", "0.5",
                                                           "1",     "2.5",  "5",   "10"};

/* The place of a name in a list of `count`, of which the last is for what is none of the others. */
static size_t place_of(const char *const *names, size_t count, const char *name)
{
    size_t i = 0;

    while (i + 1 < count && (name == NULL || strcmp(names[i], name) != 0))
        i++;
    return i;
}

/* Where the calls of a region are counted. A name that no region can have takes no place. */
static struct metrics_sts *sts_of(const char *region)
{
    const size_t length = strlen(region);
    struct metrics_sts *last = metrics.sts + METRICS_REGIONS - 1, *sts = metrics.sts;

    if (length == 0 || length >= METRICS_REGION_SIZE || strspn(region, REGION_CHARACTERS) != length)
        sts = last;
    while (sts < last && sts->region[0] != '\0' && strcmp(sts->region, region) != 0)
        sts++;
    if (sts->region[0] == '\0')
        strcpy(sts->region, sts < last ? region : OTHER);
    return sts;
}

void metrics_begin(time_t now)
{
    metrics = (struct metrics){.started = now};
}

const struct metrics *metrics_now(void)
{
    return &metrics;
}

void metrics_count(enum metrics_event event)
{
    metrics.events[event]++;
}

void metrics_count_login(const char *service)
{
    metrics.logins[place_of(metrics_services, METRICS_SERVICES, service)]++;
}

void metrics_count_refusal(enum operation operation, enum status status)
{
    metrics.refusals[operation][status]++;
}

void metrics_count_hand_out(enum metrics_source source, const char *purpose)
{
    metrics.handed_out[source][place_of(metrics_purposes, METRICS_PURPOSES, purpose)]++;
}

void metrics_know_region(const char *region)
{
    (void)sts_of(region);
}

void metrics_count_sts(const char *region, unsigned result, int64_t took_us)
{
    struct metrics_sts *sts = sts_of(region);
    size_t i = 0;

    sts->results[result]++;
    sts->took_us += (uint64_t)took_us;
    while (i < METRICS_BUCKETS && took_us > (int64_t)metrics_bucket_ms[i] * US_PER_MS)
        i++;
    if (i < METRICS_BUCKETS)
        sts->buckets[i]++;
}
