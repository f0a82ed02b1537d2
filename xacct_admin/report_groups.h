/*
 * What a report counts, by what it is asked for: one row for each account, for each user and day,
 * and so on.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_REPORT_GROUPS_H
#define XACCT_XACCT_ADMIN_REPORT_GROUPS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <time.h>

#include "policy/arena.h"
#include "xacct_admin/marks.h"
#include "xacct_admin/report_uses.h"

#define REPORT_BY_MOST 9 /* dimensions of one report */

enum report_kind {
    REPORT_BY_ACCOUNT,
    REPORT_BY_ACCOUNT_ID,
    REPORT_BY_CLIENT, /* the tag of this name, or else the account's name */
    REPORT_BY_TAG,
    REPORT_BY_USER, /* the human */
    REPORT_BY_ROLE,
    REPORT_BY_DAY,
    REPORT_BY_SESSION,
    REPORT_BY_PURPOSE,
    REPORT_BY_KEY
};

struct report_dimension {
    enum report_kind kind;
    const char *name;    /* as in --by: "account", "tag:cost-centre" */
    const char *heading; /* "ACCOUNT"; what is somebody's, as "tag:cost-centre", stays as it is */
    const char *tag;     /* REPORT_BY_TAG: which */
};

struct report_row {
    const char **values; /* one a dimension; "" where there is none */
    int64_t seconds;     /* in which a role was in use */
    unsigned long uses;  /* hand-outs, equal ones counted once: see report.h */
    unsigned long hand_outs;
    unsigned long sessions; /* in which there were hand-outs */
    time_t first, last;     /* hand-outs; 0: none */
    bool open;              /* use goes on behind the end of the period */
    size_t number;
};

/* One that is all zero has no dimension, and so one row at most. */
struct report_groups {
    struct report_dimension by[REPORT_BY_MOST];
    size_t by_count;
    struct report_row **rows; /* in the order in which they came, until they are sorted */
    size_t count;
    void *tree; /* of the rows, by their values */
    struct arena memory;
    struct marks sessions; /* which were counted in which row */
};

/*
 * Reads what --by has: account, account-id, client, tag:KEY, user, role, day, session, purpose,
 * key, with commas between them, each once. Returns false after a complaint. Tags stay the
 * caller's: they are in *list, whose commas become NULs.
 */
bool report_groups_read(struct report_groups *groups, char *list);

/* What a use has in a dimension: "" where it has nothing. `day` is the row's. */
const char *report_value(const struct report_dimension *by, const struct report_use *use,
                         const char *day);

/* The row that this use of this day is counted in, made where there is none; NULL without memory.
 */
struct report_row *report_groups_row(struct report_groups *groups, const struct report_use *use,
                                     const char *day);

/* Counts a hand-out in the row; `is_new`: it is the first of a use. Returns 0 or ENOMEM. */
int report_groups_hand_out(struct report_groups *groups, struct report_row *row,
                           const struct report_use *use, time_t at, bool is_new);

/* Puts the rows into the order of their values, byte by byte. */
void report_groups_sort(struct report_groups *groups);

void report_groups_free(struct report_groups *groups);

#endif
