/*
 * What users ask for themselves, each within a live session that root opened for them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_USER_OPERATIONS_H
#define XACCT_HELPER_USER_OPERATIONS_H

#include "helper/progress.h"

/* Which roles are permitted; the reply is made of the decision. */
void user_list(struct progress *progress);

/* Credentials for a role. */
void user_assume(struct progress *progress);

/* A sign-in URL for a role. */
void user_console(struct progress *progress);

/* Keeps the role that the human's next login starts with. */
void user_default(struct progress *progress);

/* Who this is, and whether the role that is named is permitted. */
void user_status(struct progress *progress);

#endif
