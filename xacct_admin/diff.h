/*
 * Two policies, side by side, and how what differs is told. Each part tells in its order, so that
 * nothing has to be kept.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_DIFF_H
#define XACCT_XACCT_ADMIN_DIFF_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/arena.h"
#include "xacct/text.h"
#include "xacct_admin/reading.h"

enum side { OLD, NEW, SIDES };

struct diff {
    struct reading sides[SIDES];
    struct text text; /* what is told */
    bool json;
    size_t count; /* of changes */
    struct arena memory;
};

/* One thing that differs. */
struct change {
    char sign;        /* '+' is new, '-' is gone, '~' is other than it was */
    const char *kind; /* of whom or what it is about, such as "user" or "role" */
    const char *name; /* of that */
    const char *what; /* a role that is gained or lost, or a key; NULL: the thing itself */
    const char *was;  /* in words, or NULL */
    const char *is;
    const char *rule; /* in its brackets, or NULL */
    enum side side;   /* which policy `at` is of */
    struct position at;
};

/* Tells one. */
void diff_tell(struct diff *diff, const struct change *change);

/*
 * Tells of each user, group and principal that a rule of either policy names: which roles they gain
 * and lose, and which conditions have changed, as far as the rules that name them say; what is
 * denied to them; and which role their logins start with.
 */
void diff_subjects(struct diff *diff);

/* Tells of accounts, roles, patterns, certification authorities and settings that differ. */
void diff_definitions(struct diff *diff);

#endif
