/*
 * The line in the audit file that a session has ended.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SESSION_END_H
#define XACCT_HELPER_SESSION_END_H

#include <stddef.h>

#include "helper/host.h"
#include "helper/session_record.h"

/*
 * Writes that the session of `record` has ended, with the role that it began with; `reason` says
 * why, NULL where its module said that it has. `reference` is that of the request that ended it, or
 * of the one that opened it. Returns as audit_write.
 */
int session_end_audit(const struct host *host, const struct session_record *record,
                      const char *reason, const char *reference, char *why, size_t why_size);

#endif
