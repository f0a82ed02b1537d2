/*
 * The last good policy on disk: all files of it, byte for byte, in a folder that only the helper's
 * user can enter. So a policy that is broken locks nobody out, whichever way the helper is reached,
 * and after a reboot too.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_LAST_POLICY_H
#define XACCT_HELPER_LAST_POLICY_H

#include <stdbool.h>
#include <time.h>

#include "common/trusted_file.h"
#include "helper/policy_hash.h"
#include "policy/policy.h"

/*
 * Keeps `policy`, whose hash is `hash`, in `folder`; *written says whether another one stood there
 * before. Returns 0, or an errno with a sentence in `why` that names the file.
 */
int last_policy_keep(const char *folder, const struct policy *policy, const char *hash,
                     bool *written, char *why, size_t why_size);

/*
 * For a policy that is kept in another folder: where an older one of the same configuration stands
 * in `folder`, puts `policy` in its place, or nothing where that cannot be done, so that no helper
 * that reads it there brings the older one back. Returns 0, or an errno with a sentence in `why`
 * when an older one may still be there.
 */
int last_policy_renew(const char *folder, const struct policy *policy, const char *hash, char *why,
                      size_t why_size);

/*
 * Reads what was kept in `folder` for the configuration at `config`. Returns the policy, which the
 * caller frees, with its hash; or NULL with a sentence in `why`, which is empty where nothing was
 * kept. `trust` is for policy_parse_files.
 */
struct policy *last_policy_read(const char *folder, const char *config, const struct trust *trust,
                                char hash[POLICY_HASH_SIZE], char *why, size_t why_size);

/* When what is kept in `folder` was written, which is when it came into force; 0: not known. */
time_t last_policy_kept_at(const char *folder);

/*
 * Since when the policy on disk is broken: `now`, which is written down, unless an earlier instant
 * was. *first says whether it is we who wrote it.
 */
time_t last_policy_broken_since(const char *folder, time_t now, bool *first);

/* The policy on disk is good. Returns whether it is we who took away what said since when not. */
bool last_policy_is_mended(const char *folder);

#endif
