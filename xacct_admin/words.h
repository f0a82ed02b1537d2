/*
 * Parts of a policy in words, so that two say the same where they mean the same.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_WORDS_H
#define XACCT_XACCT_ADMIN_WORDS_H

#include "policy/policy.h"
#include "xacct/text.h"

/* Appends a list, its items in the order of their bytes and with blanks between them. */
void words_add_list(struct text *text, const struct texts *list);

/* Appends a length of time as the policy would say it, such as 90m. */
void words_add_duration(struct text *text, int seconds);

/*
 * Appends the conditions of a grant or a pattern, such as "services sudo, until 2027-03-31";
 * nothing where it has none and so is for sshd, at any time and from anywhere.
 */
void words_add_conditions(struct text *text, const struct grant *rule);

/*
 * Appends by whose word a role is assumed, and where, as in "with [base instance], from [role hub],
 * by the STS of eu-west-1, then eu-west-2"; nothing where that is [base] and the host's own STS.
 * `settings` are a role's of this policy, or of one that a pattern derived.
 */
void words_add_way(struct text *text, const struct role_settings *settings,
                   const struct policy *policy);

#endif
