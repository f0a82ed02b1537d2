/*
 * What the helper does when it is asked.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_OPERATIONS_H
#define XACCT_HELPER_OPERATIONS_H

#include "helper/host.h"
#include "helper/outcome.h"
#include "helper/request.h"

/*
 * Carries out the request and fills *outcome, which the caller frees with outcome_free: status,
 * reason, message and, for open, session and credentials. Whatever was decided stands in the audit
 * file when this returns; where it could not be written, the outcome is UNAVAILABLE and holds no
 * credentials.
 */
void operation_run(struct host *host, const struct request *request, struct outcome *outcome);

#endif
