/*
 * What the helper does when it is asked.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_OPERATIONS_H
#define XACCT_HELPER_OPERATIONS_H

#include "helper/progress.h"

/*
 * Carries out the request and fills the outcome: status, reason, message and what the operation
 * brings. Whatever was decided stands in the audit file when this returns; where it could not be
 * written, the outcome is UNAVAILABLE and holds no credentials.
 */
void operation_run(struct progress *progress);

#endif
