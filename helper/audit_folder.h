/*
 * The folder that the audit file lies in, and the folders above it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_AUDIT_FOLDER_H
#define XACCT_HELPER_AUDIT_FOLDER_H

#include <stddef.h>

/*
 * Opens the folder of the file at `path` (absolute), and sets *name to the file's name in it. Every
 * folder from the root down must be root's or the effective user's, and nobody else may write it,
 * or they could take away the file, or the folder that it lies in; the sticky bit leaves that to
 * the owner of each, so with it they may. A link is followed, as it stands in such a folder, and so
 * are the folders above what it leads to; of a link behind a link that is not looked at. Returns
 * the descriptor, or -1 with errno and the reason in `why` of `why_size` bytes, which names the
 * folder at fault; EPERM where others could take something away.
 */
int audit_folder_open(const char *path, const char **name, char *why, size_t why_size);

#endif
