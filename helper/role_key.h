/*
 * What tells the credentials of one role and human from all others, for the cache.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_ROLE_KEY_H
#define XACCT_HELPER_ROLE_KEY_H

#include <stdbool.h>

#include "helper/cache.h"
#include "helper/host.h"
#include "helper/identity.h"
#include "helper/sts.h"

/*
 * Hashes everything that shapes the credentials of `role`: the `call` as it would be with the
 * role's own duration, whom it is sent to, who signs it, and for which human and uid; where
 * roles stand in front, all of the policy too, as what they pass on depends on it. A base that
 * reads a file is told by the access key id that is in it now (helper/base_key_id.h), the others by
 * their names, as theirs change by themselves; a call with a proof is signed by none, and no file
 * is looked at. Returns whether it could be.
 */
bool role_key(const struct host *host, const struct identity *identity, const struct role *role,
              const struct sts_assume_role *call, unsigned char key[CACHE_KEY_SIZE]);

#endif
