/*
 * Conditions in words. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_EXPLAIN_CONDITION_H
#define XACCT_POLICY_EXPLAIN_CONDITION_H

#include "policy/conditions.h"

/*
 * What this condition of the rule says and how it is met, of which `answer` is what
 * conditions_answer said; in `memory`. NULL without memory.
 */
const char *explain_condition(const struct conditions *conditions, const struct grant *rule,
                              enum condition which, enum answer answer, struct arena *memory);

#endif
