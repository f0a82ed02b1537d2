/*
 * A policy as it is kept on disk: all files that it was read from, byte for byte, in one file of
 * JSON, and the hash by which the audit file names it.
 *
 *   {"version": 1, "hash": HASH, "files": [{"path": PATH, "bytes": BASE64}, ...]}
 *
 * The configuration comes first, then what stands in conf.d and the session policies, as they were
 * read. A path that is no UTF-8 is the list of its bytes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_KEPT_POLICY_H
#define XACCT_HELPER_KEPT_POLICY_H

#include <stdbool.h>
#include <stddef.h>

#include "common/trusted_file.h"
#include "helper/policy_hash.h"
#include "policy/load.h"
#include "policy/policy.h"

/* Bytes; of base64 in JSON: 16 files of the largest kind. */
#define KEPT_POLICY_MAX ((size_t)96 * 1024 * 1024)

/* The policy's files as text, which the caller frees; NULL without memory. */
char *kept_policy_text(const struct policy *policy, const char *hash);

/* Whether the file `name` in the folder at `folder` is that of the policy of this hash, as its
 * first bytes say. */
bool kept_policy_is(int folder, const char *name, const char *hash);

/* Files that were kept. All zero at first; the caller frees with kept_policy_free. */
struct kept_policy {
    struct policy_file *files; /* the configuration first */
    size_t count;              /* one at least */
    char hash[POLICY_HASH_SIZE];
    struct arena memory;
};

/*
 * Reads `length` bytes of such a file. Returns 0; EBADMSG where it is none, or its hash is not that
 * of its files; ENOMEM. *kept is to be freed in any case.
 */
int kept_policy_read(const char *text, size_t length, struct kept_policy *kept);

/* Builds the policy, as policy_parse_files. Its errors name the files as they were called. */
struct policy *kept_policy_build(struct kept_policy *kept, const struct trust *trust,
                                 struct policy_errors *errors);

void kept_policy_free(struct kept_policy *kept);

#endif
