/*
 * The policy's roles by their ARN and by their name in AWS, for patterns. Inside policy/ only.
 *
 * IAM does not tell names apart by case, and no two roles of an account share one whatever their
 * paths (IAM API reference, CreateRole); in an ARN case counts.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_SPELLING_H
#define XACCT_POLICY_SPELLING_H

#include "policy/policy.h"

/* Fills the policy's indexes. Where memory runs out, that of the policy is marked as exhausted. */
void spelling_prepare(struct policy *policy);

/* The name of a role in AWS: what follows its path. A template where it has %{. */
const char *spelling_name(const struct role *role);

/* The roles with this ARN, none of them with templates; or NULL. */
const struct roles_alike *spelling_find_arn(const struct policy *policy, const char *arn);

/* The roles of the account whose names are this one in any case, without templates; or NULL. */
const struct roles_alike *spelling_find(const struct policy *policy, const struct account *account,
                                        const char *name);

/* Whether the name of the role, which holds templates, may turn out as `name`, in any case. */
bool spelling_may_be(const struct role *role, const char *name);

#endif
