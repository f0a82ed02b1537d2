/*
 * The metrics that xacct metrics tells: names, types and what they mean.
 * Source: Prometheus, "Metric and label naming" and "Exposition formats".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_METRIC_FAMILIES_H
#define XACCT_XACCT_ADMIN_METRIC_FAMILIES_H

#include <stdbool.h>

enum metric_type { METRIC_GAUGE, METRIC_COUNTER, METRIC_HISTOGRAM };

struct metric_family {
    const char *name;
    enum metric_type type;
    const char *help;   /* one line, without backslashes */
    const char *labels; /* those that its numbers may have, with blanks between them */
};

/* In the order in which they are told, ending in one without a name. */
extern const struct metric_family metric_families[];

/* That of whether the service has answered, and that of the version. */
#define METRIC_UP    "xacct_up"
#define METRIC_BUILD "xacct_build_info"

/* As the text format and JSON have it; a constant. */
const char *metric_type_name(enum metric_type type);

/*
 * The family of a number called `metric`: its own name, and of a histogram with _bucket, _sum or
 * _count behind it. NULL where there is none, or `metric` is NULL.
 */
const struct metric_family *metric_family_of(const char *metric);

/* Whether numbers of the family may have this label. */
bool metric_family_has(const struct metric_family *family, const char *label);

#endif
