/*
 * Numbers that the service tells, and how they are printed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_METRICS_H
#define XACCT_XACCT_ADMIN_METRICS_H

#include <stdbool.h>
#include <stddef.h>

#include "common/frame.h"
#include "policy/arena.h"
#include "xacct/text.h"
#include "xacct_admin/metric_families.h"

#define METRIC_LABELS_MOST 4

struct metric {
    const struct metric_family *family;
    const char *name; /* the family's, or one of a histogram's */
    struct {
        const char *name;
        const char *value;
    } labels[METRIC_LABELS_MOST];
    size_t label_count;
    const char *value; /* a decimal number, as text */
};

/* In the order in which they were told. All zero is none. */
struct metrics {
    struct metric *items;
    size_t count;
    struct arena memory; /* in which it all lies; exhausted: something is missing */
};

/*
 * Adds one of our own. `metric` must be the name of a family, the label one of its, or NULL for
 * none; both are constants.
 */
void metrics_add(struct metrics *metrics, const char *metric, const char *label, const char *value,
                 const char *number);

/*
 * Takes over the number that a frame tells. One that this program does not know, as of a service of
 * a later release, or that is none, is left out.
 */
void metrics_take(struct metrics *metrics, const struct frame *frame);

/* Appends them in the text format 0.0.4 of Prometheus: families in their order, in each its
 * numbers. */
void metrics_add_text(const struct metrics *metrics, struct text *text);

/* As metrics_add_text, as JSON: an array of families. */
void metrics_add_json(const struct metrics *metrics, struct text *text);

/* Frees them; there are none then. */
void metrics_free(struct metrics *metrics);

#endif
