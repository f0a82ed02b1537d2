/*
 * Assuming a role that was decided on, whatever stands in front of it: the base credentials and
 * their successors, the roles of `base_role`, or the user's own proof.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_ASSUME_H
#define XACCT_HELPER_ASSUME_H

#include "helper/progress.h"
#include "helper/sts.h"

/*
 * Assumes the role in question of `progress`, whose call is prepared, with its proof where it takes
 * one, within the request's deadline. The sessions of roles in front carry the human's names and
 * are kept for this human alone, by the service.
 *
 * Returns 0 and fills *assumed, whose credentials the caller frees; or EIO and fills *failure,
 * whose text names role, account, who signed, and region. What was done otherwise than the policy
 * says (a shorter duration, another region, a successor) is a notice of the outcome.
 */
int assume(struct progress *progress, struct sts_assumed *assumed, struct sts_failure *failure);

#endif
