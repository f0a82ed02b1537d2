/*
 * The checks that lint.c goes through. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_LINT_CHECKS_H
#define XACCT_POLICY_LINT_CHECKS_H

#include <time.h>

#include "policy/lint.h"

struct linting {
    const struct policy *policy;
    time_t now;
    struct lint *lint;
    struct arena scratch; /* what is needed until all checks are done */
};

/* Adds a finding; the arguments are printf's. */
void lint_add(struct linting *linting, enum lint_severity severity, struct position at,
              const char *format, ...) __attribute__((format(printf, 4, 5)));

/* Whether this place was not seen before; `seen` is all zero at first, and freed by the caller. */
bool lint_is_new(struct linting *linting, struct index *seen, struct position at);

void lint_patterns(struct linting *linting); /* and the roles that nobody may use */
void lint_names(struct linting *linting);    /* grants whose names are those of other rules */
void lint_cas(struct linting *linting);      /* and the principals of grants */
void lint_bases(struct linting *linting);    /* and what roles come to because of them */
void lint_session_names(struct linting *linting);
void lint_unix_groups(struct linting *linting);

#endif
