/*
 * [pattern]: what the name of a group means to it. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_PATTERN_H
#define XACCT_POLICY_PATTERN_H

#include "policy/policy.h"

/* Roles that were derived already, so that each is made once. All zero at first. */
struct derived_roles {
    struct arena *memory; /* of the roles */
    struct index by_name; /* of struct role */
};

enum split {
    SPLIT_NONE, /* the group is not one of the pattern's, or of no account or role that it may name
                 */
    SPLIT_ONE,  /* it is one role's */
    SPLIT_TWO   /* it may be that of two roles, and so is nobody's */
};

/*
 * The role that the group gives by this pattern: one of the policy's, or one that is in `derived`
 * or was added there just now. The group's name is the directory's: any text of any length. Where
 * memory runs out, that of `derived` is marked as exhausted.
 */
enum split pattern_split(const struct policy *policy, const struct pattern *pattern,
                         const char *group, struct derived_roles *derived,
                         const struct role **role);

/*
 * The name of the group that is this role's by the pattern, in `memory`, with the account's name
 * or, where `by_id` is set, its id; NULL when the pattern's path cannot be the role's.
 */
const char *pattern_group_of(const struct pattern *pattern, const struct role *role, bool by_id,
                             struct arena *memory);

/* The text with its {account} and {role} replaced, in `memory`; NULL without memory. */
char *pattern_fill(const char *text, const char *account, const char *role, struct arena *memory);

void derived_roles_end(struct derived_roles *derived);

#endif
