/*
 * Landlock: what the process may still reach of the file system, and of other processes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SANDBOX_LANDLOCK_H
#define XACCT_HELPER_SANDBOX_LANDLOCK_H

#include <stdbool.h>

/*
 * What ends at the sandbox, where the kernel knows scopes (Linux 6.12), and what it started in the
 * same or a narrower one. They add up. Rules for TCP (Linux 6.7) there are none: of those, STS, the
 * proxy, the directory and what an admin's program asks may be on any port, and listen(2) is in no
 * list of system calls but the open one of what runs outside.
 */
enum sandbox_scope {
    SANDBOX_SCOPE_ABSTRACT = 1 << 0, /* connecting to Unix sockets without a path */
    SANDBOX_SCOPE_SIGNALS = 1 << 1,  /* sending signals */
};

/*
 * Confines the process to reading below the folders `readable`, reading `files`, writing below the
 * folders `writable`, and `scopes`: lists that end in NULL, each of which may be NULL. A rule on a
 * file is lost when the file is replaced by a rename, so files are for processes that do not live
 * long. Needs no_new_privs. Returns 0; ENOSYS or EOPNOTSUPP when the kernel has no Landlock, or it
 * is switched off; or another errno.
 */
int sandbox_landlock(const char *const *readable, const char *const *files,
                     const char *const *writable, unsigned scopes);

/*
 * Confines the process to all files but the `closed` ones, a list of absolute paths that ends in
 * NULL: a folder and what is below it; of "FOLDER/" the files in it, and not its folders; a file,
 * and those beside it whose names go on with `.`, `-` or `~`, as backups and rotated ones do. What
 * is closed can be listed and, where its mode says so, executed. In a folder that holds something
 * closed nothing can be made. What a bind mount shows of such a folder elsewhere is closed there.
 * It knows files and folders as they are now, so it is for processes that do not live long. Returns
 * as above.
 */
int sandbox_landlock_without(const char *const *closed, unsigned scopes);

/* Confines the process to `scopes` alone, where the kernel knows them. Returns as above. */
int sandbox_landlock_scopes(unsigned scopes);

/* Whether the kernel knows scopes. */
bool sandbox_landlock_has_scopes(void);

#endif
