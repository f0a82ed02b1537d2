/*
 * Time in use by day and account, for the charts of a report.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_REPORT_CHART_H
#define XACCT_XACCT_ADMIN_REPORT_CHART_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xacct_admin/report.h"

/* Accounts with a colour of their own; what the others have is one more series. */
#define CHART_SERIES 7

#define CHART_DAYS_MOST 92 /* beyond that a bar is a month */

struct chart_account {
    const char *name;
    int64_t seconds;
    size_t series; /* 0 to CHART_SERIES, which is that of all others */
};

/* A bar. */
struct chart_bar {
    char name[REPORT_DAY_SIZE];        /* "2027-03-31" or "2027-03" */
    int64_t seconds[CHART_SERIES + 1]; /* of each series */
};

/* One that is all zero is empty. Names are the report's. */
struct chart {
    struct chart_account *accounts; /* who had most comes first */
    size_t account_count;
    struct chart_bar *bars; /* from the first day of use to the last, empty ones between them too */
    size_t bar_count;
};

/* Makes the charts of a report that was read with_days. Returns 0 or ENOMEM. */
int chart_make(const struct report *report, struct chart *chart);

/* Whether a bar is a month. */
bool chart_is_of_months(const struct chart *chart);

/* The name of the account of a series, which has one; of the last one what stands for them all. */
const char *chart_series_name(const struct chart *chart, size_t series);

/* Appends the bars as SVG, titled for those who do not see it. */
void chart_add_svg(const struct chart *chart, struct text *text);

void chart_free(struct chart *chart);

/*
 * Appends words in HTML, between tags or as the value of an attribute in double quotes, with
 * whatever means something there escaped. What is no UTF-8, controls something, or turns text round
 * becomes U+FFFD.
 */
void html_add(struct text *text, const char *words);

#endif
