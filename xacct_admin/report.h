/*
 * A report: what was counted, and for which time, from the audit file. How it is shown is in
 * report_*.c, a file a form.
 *
 * A use is one or more hand-outs of the same credentials for the same purpose in one session: the
 * first of them counts, as those that come from memory later are no new use.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_REPORT_H
#define XACCT_XACCT_ADMIN_REPORT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/arena.h"
#include "policy/policy.h"
#include "xacct/command.h"
#include "xacct/text.h"
#include "xacct_admin/report_groups.h"
#include "xacct_admin/report_period.h"

#define REPORT_IDLE_DEFAULT ((int64_t)900) /* seconds */

#define REPORT_NOTES_MOST 50

struct report {
    const struct invocation *invocation;
    struct report_period period;
    int64_t idle; /* seconds */
    char zone[64];

    struct report_groups groups; /* what was asked for */
    struct report_groups total;  /* all in one row, or none where nothing was used */
    struct report_groups days;   /* by day and account, for charts; without them when none is */
    bool with_days;

    /* What was read: see struct audit_log_counts. */
    unsigned long files, lines, damaged;
    struct texts notes; /* sentences for people, with FILE:LINE; REPORT_NOTES_MOST at most */
    unsigned long notes_left_out;
    struct arena memory; /* of the notes */

    /* While it is read. */
    struct report_uses *uses;
    bool until_now;    /* what is in use still is in use now */
    struct marks seen; /* uses that were counted */
    struct report_day day;
};

/*
 * Reads the audit file at `path` into a report whose period, idle, groups and with_days are set.
 * Returns false after a complaint. The caller ends with report_free in either case.
 */
bool report_read(struct report *report, const char *path);

void report_free(struct report *report);

/* The row of all, which is all zero where nothing was used. */
const struct report_row *report_total(const struct report *report);

/* Appends a length of time as H:MM:SS, to the second, so that rows add up to their total. */
void report_add_time(struct text *text, int64_t seconds);

/* Append the report in a form. */
void report_add_table(const struct report *report, struct text *text);
void report_add_csv(const struct report *report, struct text *text);
void report_add_json(const struct report *report, struct text *text);
void report_add_html(const struct report *report, struct text *text);

#endif
