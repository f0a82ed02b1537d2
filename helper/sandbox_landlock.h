/*
 * Landlock: what the process may still reach of the file system.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SANDBOX_LANDLOCK_H
#define XACCT_HELPER_SANDBOX_LANDLOCK_H

/*
 * Confines the process to reading below the folders `readable`, reading `files`, and writing below
 * the folders `writable`: lists that end in NULL, each of which may be NULL. A rule on a file is
 * lost when the file is replaced by a rename, so files are for processes that do not live long.
 * Needs no_new_privs. Returns 0; ENOSYS or EOPNOTSUPP when the kernel has no Landlock, or it is
 * switched off; or another errno.
 */
int sandbox_landlock(const char *const *readable, const char *const *files,
                     const char *const *writable);

#endif
