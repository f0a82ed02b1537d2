/*
 * Counters and dates, as samples.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/metrics_operation.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "common/wire.h"
#include "helper/log.h"
#include "helper/metrics.h"
#include "helper/x509_chain.h"

#define US_PER_S      UINT64_C(1000000)
#define STS_TIME      "xacct_sts_request_duration_seconds"
#define LENGTH(array) (sizeof(array) / sizeof *(array))

/* A label without a name is none. */
struct label {
    const char *name;
    const char *value;
};
static const struct label no_label = {NULL, NULL};

/* Adds a number, printf(3)-like. Without memory it is not told. */
__attribute__((format(printf, 5, 6))) static void add(struct progress *progress, const char *metric,
                                                      struct label first, struct label second,
                                                      const char *format, ...)
{
    struct metric_samples *samples = progress->samples;
    struct metric_sample *items =
        arena_grow(&progress->identity.memory, samples->items, samples->count, sizeof *items);
    struct metric_sample *sample;
    va_list arguments;

    if (items == NULL)
        return;
    samples->items = items;
    sample = &items[samples->count++];
    sample->metric = metric;
    sample->labels[0].name = first.name;
    sample->labels[0].value = first.value;
    sample->labels[1].name = second.name;
    sample->labels[1].value = second.value;
    va_start(arguments, format);
    vsnprintf(sample->value, sizeof sample->value, format, arguments);
    va_end(arguments);
}

static void add_count(struct progress *progress, const char *metric, struct label first,
                      struct label second, uint64_t count)
{
    add(progress, metric, first, second, "%" PRIu64, count);
}

/* Adds an instant, where there is one. */
static void add_instant(struct progress *progress, const char *metric, struct label label,
                        time_t instant)
{
    if (instant != 0)
        add(progress, metric, label, no_label, "%lld", (long long)instant);
}

static void tell_service(struct progress *progress)
{
    const struct metrics *metrics = metrics_now();

    add_instant(progress, "xacct_service_start_time_seconds", no_label, metrics->started);
    add_count(progress, "xacct_sessions", no_label, no_label,
              sessions_count(progress->host->sessions));
    add_count(progress, "xacct_audit_failures_total", no_label, no_label,
              metrics->events[METRICS_AUDIT_FAILURES]);
    add_count(progress, "xacct_lookup_timeouts_total", no_label, no_label,
              metrics->events[METRICS_LOOKUP_TIMEOUTS]);
    add_count(progress, "xacct_base_failures_total", no_label, no_label,
              metrics->events[METRICS_BASE_FAILURES]);
}

static void tell_requests(struct progress *progress)
{
    static const enum operation operations[] = {
        OPERATION_CHECK,   OPERATION_OPEN,    OPERATION_LIST,  OPERATION_ASSUME,
        OPERATION_CONSOLE, OPERATION_DEFAULT, OPERATION_STATUS};
    static const enum status reasons[] = {STATUS_NO_GRANT, STATUS_DENIED, STATUS_EXPIRED,
                                          STATUS_UNAVAILABLE, STATUS_MISCONFIGURED};
    const struct metrics *metrics = metrics_now();
    size_t i, j;

    for (i = 0; i < METRICS_SERVICES; i++)
        add_count(progress, "xacct_logins_total", (struct label){"service", metrics_services[i]},
                  no_label, metrics->logins[i]);
    for (i = 0; i < LENGTH(operations); i++)
        for (j = 0; j < LENGTH(reasons); j++)
            add_count(progress, "xacct_refusals_total",
                      (struct label){"operation", operation_name(operations[i])},
                      (struct label){"reason", status_name(reasons[j])},
                      metrics->refusals[operations[i]][reasons[j]]);
    for (i = 0; i < METRICS_SOURCES; i++)
        for (j = 0; j < METRICS_PURPOSES; j++)
            add_count(progress, "xacct_credentials_handed_out_total",
                      (struct label){"source", metrics_sources[i]},
                      (struct label){"purpose", metrics_purposes[j]}, metrics->handed_out[i][j]);
}

/* Tells of the calls of a region, or with no label of those of all. */
static void tell_sts(struct progress *progress, const struct metrics_sts *sts, struct label region)
{
    uint64_t calls = 0, within = 0;
    size_t i;

    for (i = 0; i < METRICS_STS_RESULTS; i++) {
        calls += sts->results[i];
        add_count(progress, "xacct_sts_requests_total", region,
                  (struct label){"result", metrics_sts_results[i]}, sts->results[i]);
    }
    for (i = 0; i < METRICS_BUCKETS; i++) {
        within += sts->buckets[i];
        add_count(progress, STS_TIME "_bucket", region,
                  (struct label){"le", metrics_bucket_names[i]}, within);
    }
    add_count(progress, STS_TIME "_bucket", region, (struct label){"le", "+Inf"}, calls);
    add(progress, STS_TIME "_sum", region, no_label, "%" PRIu64 ".%06" PRIu64,
        sts->took_us / US_PER_S, sts->took_us % US_PER_S);
    add_count(progress, STS_TIME "_count", region, no_label, calls);
}

/* Tells of the calls of all regions, each by itself where names are asked for. */
static void tell_regions(struct progress *progress)
{
    const struct policy *policy = progress->host->policy;
    const struct metrics *metrics = metrics_now();
    struct metrics_sts all = {.took_us = 0};
    size_t region, i;

    for (i = 0; policy != NULL && i < policy->defaults.sts_regions.count; i++)
        metrics_know_region(policy->defaults.sts_regions.items[i]);
    for (region = 0; region < METRICS_REGIONS; region++) {
        const struct metrics_sts *sts = &metrics->sts[region];

        if (progress->request->names && sts->region[0] != '\0')
            tell_sts(progress, sts, (struct label){"region", sts->region});
        for (i = 0; i < METRICS_STS_RESULTS; i++)
            all.results[i] += sts->results[i];
        for (i = 0; i < METRICS_BUCKETS; i++)
            all.buckets[i] += sts->buckets[i];
        all.took_us += sts->took_us;
    }
    if (!progress->request->names)
        tell_sts(progress, &all, no_label);
}

static void tell_policy(struct progress *progress)
{
    const struct host *host = progress->host;
    const struct loaded_policy *loaded = host->loaded;

    add_count(progress, "xacct_policy_broken", no_label, no_label, host->policy_error[0] != '\0');
    if (loaded == NULL)
        return;
    add_instant(progress, "xacct_policy_broken_since_timestamp_seconds", no_label,
                loaded->broken_since);
    if (host->policy == NULL)
        return;
    add_count(progress, "xacct_policy_info", (struct label){"hash", host->policy_hash}, no_label,
              1);
    add_instant(progress, "xacct_policy_in_force_timestamp_seconds", no_label,
                policy_store_in_force_since(host->policies, loaded));
}

/* Tells when a section of the policy comes to an end, or without names keeps the earliest. */
static void tell_end(struct progress *progress, const char *metric, const char *title, time_t ends,
                     time_t *earliest)
{
    if (progress->request->names)
        add_instant(progress, metric, (struct label){"section", title}, ends);
    else if (*earliest == 0 || ends < *earliest)
        *earliest = ends;
}

/* The grants for this host that are not over yet. */
static void tell_grants(struct progress *progress)
{
    static const char metric[] = "xacct_grant_end_timestamp_seconds";
    const struct policy *policy = progress->host->policy;
    const size_t count = policy->grant_count + policy->pattern_count;
    const time_t now = time(NULL);
    time_t earliest = 0;
    size_t i;

    for (i = 0; i < count; i++) {
        const struct grant *grant = i < policy->grant_count
                                        ? &policy->grants[i]
                                        : &policy->patterns[i - policy->grant_count].rule;

        if (grant->until.at > now && grant_is_for_host(grant, progress->host->name))
            tell_end(progress, metric, grant->title, grant->until.at, &earliest);
    }
    add_instant(progress, metric, no_label, earliest);
}

/* The certificates that bases sign with. One that cannot be read is told of by whoever needs it. */
static void tell_certificates(struct progress *progress)
{
    static const char metric[] = "xacct_certificate_end_timestamp_seconds";
    const struct policy *policy = progress->host->policy;
    time_t earliest = 0;
    size_t i;

    for (i = 0; i < policy->base_count; i++) {
        const struct base *base = &policy->bases[i];
        struct x509_chain chain = {.text = NULL};
        char why[1024];

        if (base->certificate == NULL)
            continue;
        if (x509_chain_read(base->certificate, progress->host->group, &chain, why, sizeof why) != 0)
            log_debug("the end of the certificate of [%s] is not told: %s", base->title, why);
        else
            tell_end(progress, metric, base->title, chain.until, &earliest);
        x509_chain_free(&chain);
    }
    add_instant(progress, metric, no_label, earliest);
}

void metrics_tell(struct progress *progress)
{
    struct arena *memory = &progress->identity.memory;

    progress->samples = arena_alloc(memory, 1, sizeof *progress->samples);
    if (progress->samples != NULL) {
        add_count(progress, "xacct_build_info", (struct label){"version", XACCT_VERSION}, no_label,
                  1);
        if (progress->host->sessions != NULL) {
            tell_service(progress);
            tell_requests(progress);
            tell_regions(progress);
        }
        tell_policy(progress);
        if (progress->host->policy != NULL) {
            tell_grants(progress);
            tell_certificates(progress);
        }
    }
    if (memory->exhausted)
        outcome_set(&progress->outcome, STATUS_UNAVAILABLE,
                    "out of memory telling what is counted");
    else
        outcome_set(&progress->outcome, STATUS_PERMITTED, "what the service has counted");
}

/* What credentials were asked for. */
static const char *purpose_of(const struct request *request)
{
    switch (request->operation) {
    case OPERATION_OPEN:
        return METRICS_LOGIN;
    case OPERATION_CONSOLE:
        return WIRE_OP_CONSOLE;
    default:
        return request->purpose;
    }
}

void metrics_count_request(const struct progress *progress)
{
    const struct request *request = progress->request;
    const struct outcome *outcome = &progress->outcome;

    if (outcome->status != STATUS_PERMITTED) {
        metrics_count_refusal(request->operation, outcome->status);
        return;
    }
    if (request->operation == OPERATION_OPEN)
        metrics_count_login(request->service);
    if (outcome->credentials.secret_access_key.bytes != NULL || outcome->url.bytes != NULL)
        metrics_count_hand_out(outcome->cached ? METRICS_OF_MEMORY : METRICS_OF_STS,
                               purpose_of(request));
}
