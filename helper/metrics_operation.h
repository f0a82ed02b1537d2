/*
 * What xacct metrics asks for: what the service has counted, the policy in force, and the dates on
 * which something of it ends.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_METRICS_OPERATION_H
#define XACCT_HELPER_METRICS_OPERATION_H

#include "helper/progress.h"

#define METRIC_LABELS     2 /* the most that one number has */
#define METRIC_VALUE_SIZE ((size_t)32)

/* One number. Names and labels are constants, of the policy, or of the counters. */
struct metric_sample {
    const char *metric; /* name, as Prometheus has it */
    struct {
        const char *name; /* NULL: no label */
        const char *value;
    } labels[METRIC_LABELS];
    char value[METRIC_VALUE_SIZE]; /* decimal */
};

struct metric_samples {
    struct metric_sample *items;
    size_t count;
};

/*
 * Fills progress->samples with all there is to tell: in a helper that is no service, which has
 * counted nothing, the policy and what ends. Where the request does not ask for names, nothing in
 * them is a word of the policy's: what ends is told by the earliest date alone, and calls of STS
 * for all regions together, since whatever reads such numbers shows them to every user of the host.
 */
void metrics_tell(struct progress *progress);

/*
 * Counts what became of a request that has had its reply: a login, a refusal, credentials that were
 * handed out. What is no login's or user's request is not counted, nor a user who is not ours.
 */
void metrics_count_request(const struct progress *progress);

#endif
