/*
 * What the grants and denies of two policies come to for one name. Inside xacct diff only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_DIFF_RULES_H
#define XACCT_XACCT_ADMIN_DIFF_RULES_H

#include "xacct_admin/diff.h"

enum subject_kind { SUBJECT_USER, SUBJECT_GROUP, SUBJECT_PRINCIPAL };

struct rules;

/* Prepares for the policies of `diff`. Returns NULL without memory; the caller ends with
 * rules_free. */
struct rules *rules_new(struct diff *diff);
void rules_free(struct rules *rules);

/*
 * One name after the other: rules_begin, then its denies, then its grants, both in the order of the
 * policy; then rules_compare tells what differs. A crossed deny names it under another key.
 */
void rules_begin(struct rules *rules, const char *kind, const char *name);
void rules_add_deny(struct rules *rules, enum side side, size_t deny, bool is_crossed);
void rules_add_grant(struct rules *rules, enum side side, size_t grant);
void rules_compare(struct rules *rules);

#endif
