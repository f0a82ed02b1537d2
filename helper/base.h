/*
 * The host's own credentials, which every AssumeRole is signed with: one source for each kind that
 * the policy's [base] can name.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_BASE_H
#define XACCT_HELPER_BASE_H

#include "helper/credentials.h"
#include "helper/host.h"
#include "helper/outcome.h"

/*
 * Fetches them. Returns PERMITTED and fills *credentials, which the caller frees; MISCONFIGURED or
 * UNAVAILABLE with the reason in *outcome.
 */
enum status base_fetch(const struct host *host, struct credentials *credentials,
                       struct outcome *outcome);

#endif
