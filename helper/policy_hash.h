/*
 * What tells one policy from another in the audit file and on disk.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_POLICY_HASH_H
#define XACCT_HELPER_POLICY_HASH_H

#include "policy/policy.h"

#define POLICY_HASH_SIZE ((size_t)65) /* SHA-256 in hexadecimal */

/* Hashes paths and bytes of the files that a policy is made of, in their order. `hash` is empty
 * where OpenSSL cannot. */
void policy_hash(const struct policy_file *files, size_t count, char hash[POLICY_HASH_SIZE]);

#endif
