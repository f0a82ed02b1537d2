/*
 * The host's own credentials, which AssumeRole is signed with: one source for each kind that a
 * [base] of the policy can name.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_BASE_H
#define XACCT_HELPER_BASE_H

#include "common/deadline.h"
#include "helper/credentials.h"
#include "helper/host.h"
#include "helper/outcome.h"

/*
 * Fetches those of `base`, a base of the host's policy. The service keeps what it was given until
 * shortly before its end, and asks once for all who wait; `refused`, when not NULL, is an access
 * key id that STS has refused as expired or unknown: what was kept with it is dropped first. What
 * is kept and still lives is used, too, where it cannot be replaced. A file is read each time.
 *
 * Returns PERMITTED and fills *credentials, which the caller frees; MISCONFIGURED or UNAVAILABLE
 * with the reason, which names the [base] with file and line, in *outcome.
 */
enum status base_fetch(const struct host *host, const struct base *base, const char *refused,
                       struct deadline deadline, struct credentials *credentials,
                       struct outcome *outcome);

#endif
