/*
 * Every policy that was in force, by its hash, beside the last good one: so that what the audit
 * file says of a rule can be read again when the policy has long been another.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_POLICY_ARCHIVE_H
#define XACCT_HELPER_POLICY_ARCHIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "policy/policy.h"

/*
 * What is kept, in files and in bytes of all of them: years of changes, and not the disk of a host
 * whose configuration manager writes a policy anew every minute. Beyond either the oldest go, each
 * with a line in the log.
 */
#define POLICY_ARCHIVE_MOST  ((size_t)4096)
#define POLICY_ARCHIVE_BYTES ((off_t)256 * 1024 * 1024)

/*
 * Keeps `policy`, whose hash is `hash`, as policy-HASH.json in `folder`, unless it is there; with
 * `again` its file is written anew, so that it counts as one that came into force just now. Returns
 * 0, or an errno with a sentence in `why` that names the file.
 */
int policy_archive_keep(const char *folder, const struct policy *policy, const char *hash,
                        bool again, char *why, size_t why_size);

#endif
