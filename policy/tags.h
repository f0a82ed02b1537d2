/*
 * Session tags of roles and accounts. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_TAGS_H
#define XACCT_POLICY_TAGS_H

#include "policy/loader.h"

/*
 * Adds the tags of the role's account to its own, the account's first. A key in both with another
 * value, or more tags than STS takes, is told to the loader.
 */
void tags_join(struct loader *loader, struct role *role);

/* Tells at `at` which of the role's transitive tags are not among its tags. */
void tags_check_transitive(struct loader *loader, struct position at, const struct role *role);

#endif
