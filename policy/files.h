/*
 * The files that a policy is read from. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_FILES_H
#define XACCT_POLICY_FILES_H

#include "policy/loader.h"

/*
 * Reads the file at `path` (absolute, in the policy's memory), which must be as the loader's trust
 * says and have at most `largest` bytes, and keeps it in the policy's list of files. Returns the
 * entry, good until the next call; or NULL, told to the loader at `at`.
 */
const struct policy_file *files_read(struct loader *loader, struct position at, char *path,
                                     size_t largest);

/* Keeps a file whose bytes are in memory already. Returns as files_read; copies the bytes. */
const struct policy_file *files_add(struct loader *loader, char *path, const char *bytes,
                                    size_t length);

#endif
