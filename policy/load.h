/*
 * Reading a policy from disk: the configuration, the files *.conf of the folder conf.d beside it in
 * the byte order of their names, and the session policies that they name.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_LOAD_H
#define XACCT_POLICY_LOAD_H

#include <stddef.h>

#include "common/trusted_file.h"
#include "policy/policy.h"

#define POLICY_FILE_MAX ((size_t)4 * 1024 * 1024) /* 10,000 grants take less than one */

#define POLICY_DEFAULT_FILE     "/etc/xacct/xacct.conf"
#define POLICY_DEFAULT_AUDIT    "/var/log/xacct/audit.jsonl"
#define POLICY_DEFAULT_SESSIONS "/run/xacct/sessions"
#define POLICY_DEFAULT_STATE    "/var/lib/xacct"

/* One thing that is wrong with a policy. Owns its texts. */
struct policy_error {
    char *file;
    unsigned line; /* 0 when it is about the whole file */
    char *text;    /* what is wrong and what would be right, without file and line; may quote a
                      file's name, and the policy's own tabs and bytes from 0x80 up, so it is
                      escaped on its way to a log */
};

struct policy_errors {
    struct policy_error *items;
    size_t count;
};

/*
 * Reads the policy at `path` (absolute). Files, and the folder conf.d, must be as `trust` says;
 * session policies that they name stand under the same rule. Returns the policy, which the caller
 * frees with policy_free, or NULL with at least one entry in *errors: everything that is wrong, not
 * the first thing alone. The caller frees the errors with policy_errors_free in either case. They
 * are in the order of the lines. Running out of memory is reported as an error of its own, and
 * where even that has no memory the list is empty beside the NULL.
 */
struct policy *policy_load(const char *path, const struct trust *trust,
                           struct policy_errors *errors);

/*
 * A file that stands in for the one at `path` (absolute), there or not. What it says is reported
 * under `path`. Texts stay the caller's and need not outlive the call.
 */
struct policy_overlay {
    const char *path;
    const char *from;  /* read in its place, whoever owns it; or NULL */
    const char *bytes; /* where `from` is NULL: its bytes, `length` of them */
    size_t length;
};

/*
 * As policy_load, with some files replaced: what a policy would be. One in the folder conf.d is
 * read even if there is no file of that name yet.
 */
struct policy *policy_load_with(const char *path, const struct trust *trust,
                                const struct policy_overlay *overlays, size_t count,
                                struct policy_errors *errors);

/*
 * Builds a policy from files in memory, in the form in which policy->files lists them: the
 * configuration first, the others in any order. conf.d is what they say, never what is on disk; a
 * session policy that is not among them is read from disk as `trust` says.
 */
struct policy *policy_parse_files(const struct policy_overlay *files, size_t count,
                                  const struct trust *trust, struct policy_errors *errors);

/* The same for a configuration alone that was called `path`. */
struct policy *policy_parse(const char *path, const char *text, size_t length,
                            const struct trust *trust, struct policy_errors *errors);

/* Frees the list's entries; the list is empty afterwards. */
void policy_errors_free(struct policy_errors *errors);

#endif
