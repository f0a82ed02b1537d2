/*
 * Reading a policy from disk: the file itself, and the session policies that it names.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_LOAD_H
#define XACCT_POLICY_LOAD_H

#include <stddef.h>

#include "common/trusted_file.h"
#include "policy/policy.h"

#define POLICY_DEFAULT_FILE     "/etc/xacct/xacct.conf"
#define POLICY_DEFAULT_AUDIT    "/var/log/xacct/audit.jsonl"
#define POLICY_DEFAULT_SESSIONS "/run/xacct/sessions"
#define POLICY_DEFAULT_STATE    "/var/lib/xacct"

/* One thing that is wrong with a policy. Owns its texts. */
struct policy_error {
    char *file;
    unsigned line; /* 0 when it is about the whole file */
    char *text;    /* what is wrong and what would be right, without file and line; may quote the
                      policy's own bytes from 0x80 up, so it is escaped on its way to a log */
};

struct policy_errors {
    struct policy_error *items;
    size_t count;
};

/*
 * Reads the policy at `path` (absolute). Files must be as `trust` says; session policies that it
 * names stand under the same rule. Returns the policy, which the caller frees with policy_free, or
 * NULL with at least one entry in *errors: everything that is wrong, not the first thing alone. The
 * caller frees the errors with policy_errors_free in either case. They are in the order of the
 * lines. Running out of memory is reported as an error of its own, and where even that has no
 * memory the list is empty beside the NULL.
 */
struct policy *policy_load(const char *path, const struct trust *trust,
                           struct policy_errors *errors);

/*
 * As policy_load for a text that is in memory already and was called `path`: for tests and for
 * fuzzing. Relative paths in it are taken from the folder of `path`.
 */
struct policy *policy_parse(const char *path, const char *text, size_t length,
                            const struct trust *trust, struct policy_errors *errors);

/* Frees the list's entries; the list is empty afterwards. */
void policy_errors_free(struct policy_errors *errors);

#endif
