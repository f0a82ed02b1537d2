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
 * says and have at most `largest` bytes, and keeps it in the policy's list of files. An overlay
 * takes its place. Returns the entry, good until the next call; or NULL, told to the loader at
 * `at`.
 */
const struct policy_file *files_read(struct loader *loader, struct position at, char *path,
                                     size_t largest);

/*
 * Finds the files *.conf of the folder conf.d beside the configuration, that is, those of the
 * overlays and, unless the policy is all in memory, those on disk, in the byte order of their
 * names. Sets policy->fragments, and *paths to a list in the policy's memory. Without such a folder
 * there are none; what is wrong with it is told to the loader.
 */
void files_find_fragments(struct loader *loader, struct texts *paths);

#endif
