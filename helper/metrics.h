/*
 * What the service counts from its start on, for Prometheus: numbers of a fixed size, which cost a
 * request a few additions. No name of a person, account, role or grant is in them. In a helper that
 * is started for one login nobody asks for them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_METRICS_H
#define XACCT_HELPER_METRICS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "common/status.h"
#include "helper/request.h"
#include "helper/sts.h"

/* What is counted without any distinction. */
enum metrics_event {
    METRICS_AUDIT_FAILURES,  /* a line of the audit file could not be written */
    METRICS_LOOKUP_TIMEOUTS, /* NSS did not answer in time, and its process was ended */
    METRICS_BASE_FAILURES,   /* a source of base credentials gave none */
    METRICS_EVENTS
};

/* The PAM services that logins are told apart by; the last is for all others. */
#define METRICS_SERVICES 6
extern const char *const metrics_services[METRICS_SERVICES];

/* What credentials are handed out for: the login itself, WIRE_PURPOSE_*, the console; others. */
#define METRICS_PURPOSES 8
#define METRICS_LOGIN    "login"
extern const char *const metrics_purposes[METRICS_PURPOSES];

/* Where credentials come from: metrics_sources names them. */
enum metrics_source { METRICS_OF_STS, METRICS_OF_MEMORY, METRICS_SOURCES };
extern const char *const metrics_sources[METRICS_SOURCES];

/* What became of a call of STS: an enum sts_kind, or this. */
#define METRICS_STS_SUCCESS STS_KIND_COUNT
#define METRICS_STS_RESULTS (STS_KIND_COUNT + 1)
extern const char *const metrics_sts_results[METRICS_STS_RESULTS];

/* The upper bounds, in milliseconds, of the times that calls are told apart by; longer ones are in
 * none. As text, in seconds, for the label "le". */
#define METRICS_BUCKETS 9
extern const int metrics_bucket_ms[METRICS_BUCKETS];
extern const char *const metrics_bucket_names[METRICS_BUCKETS];

#define METRICS_REGION_SIZE ((size_t)32)
/* Regions that are told apart, the first that were asked; the last place is for all others. */
#define METRICS_REGIONS ((size_t)17)

/* The calls of one region's STS. */
struct metrics_sts {
    char region[METRICS_REGION_SIZE]; /* empty: nothing is counted here yet */
    uint64_t results[METRICS_STS_RESULTS];
    uint64_t buckets[METRICS_BUCKETS]; /* each without what is in those before it */
    uint64_t took_us;                  /* of all calls together */
};

struct metrics {
    time_t started; /* seconds since 1970; 0: nobody has begun to count */
    uint64_t events[METRICS_EVENTS];
    uint64_t logins[METRICS_SERVICES]; /* sessions that were opened */
    uint64_t refusals[OPERATION_COUNT][STATUS_COUNT];
    uint64_t handed_out[METRICS_SOURCES][METRICS_PURPOSES];
    struct metrics_sts sts[METRICS_REGIONS];
};

/* Begins to count from nothing, `now` being when. */
void metrics_begin(time_t now);

/* What has been counted; it goes on changing. */
const struct metrics *metrics_now(void);

void metrics_count(enum metrics_event event);

/* A login by this PAM service was let in, its session recorded. */
void metrics_count_login(const char *service);

/* A request came to nothing. */
void metrics_count_refusal(enum operation operation, enum status status);

/* Credentials were handed out for a purpose, of metrics_purposes; NULL is one of the others. */
void metrics_count_hand_out(enum metrics_source source, const char *purpose);

/* Makes a place for a region whose STS may be asked, so that it is told before it was. */
void metrics_know_region(const char *region);

/* A call of a region's STS went out and is over: `result` as in metrics_sts_results, `took_us` in
 * microseconds. */
void metrics_count_sts(const char *region, unsigned result, int64_t took_us);

#endif
