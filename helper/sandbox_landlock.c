/*
 * Landlock, by its system calls, as glibc has no wrappers for them.
 * Source: the kernel's Documentation/userspace-api/landlock.rst.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/sandbox_landlock.h"

#ifndef XACCT_WITHOUT_SANDBOX

#include <errno.h>
#include <fcntl.h>
#include <linux/landlock.h>
#include <sys/syscall.h>
#include <unistd.h>

#define READING (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define WRITING                                                                                    \
    (READING | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_MAKE_REG |                       \
     LANDLOCK_ACCESS_FS_REMOVE_FILE)
/* Everything that the first version of Landlock knows; REFER is refused without being named. */
#define HANDLED                                                                                    \
    (WRITING | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_REMOVE_DIR |                        \
     LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_SOCK |   \
     LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_BLOCK | LANDLOCK_ACCESS_FS_MAKE_SYM)

/* Allows `access` to each path that exists, a folder or a file. Returns 0 or an errno. */
static int allow(int ruleset, const char *const *paths, __u64 access)
{
    for (; paths != NULL && *paths != NULL; paths++) {
        struct landlock_path_beneath_attr rule = {.allowed_access = access};
        int error = 0;

        rule.parent_fd = open(*paths, O_PATH | O_CLOEXEC);
        if (rule.parent_fd < 0)
            continue;
        if (syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0) != 0)
            error = errno;
        close(rule.parent_fd);
        if (error != 0)
            return error;
    }
    return 0;
}

int sandbox_landlock(const char *const *readable, const char *const *files,
                     const char *const *writable)
{
    struct landlock_ruleset_attr attributes = {.handled_access_fs = HANDLED};
    int ruleset, error;

    ruleset = (int)syscall(SYS_landlock_create_ruleset, &attributes, sizeof attributes, 0);
    if (ruleset < 0)
        return errno;
    error = allow(ruleset, readable, READING);
    if (error == 0)
        error = allow(ruleset, files, LANDLOCK_ACCESS_FS_READ_FILE);
    if (error == 0)
        error = allow(ruleset, writable, WRITING);
    if (error == 0 && syscall(SYS_landlock_restrict_self, ruleset, 0) != 0)
        error = errno;
    close(ruleset);
    return error;
}

#else

int sandbox_landlock(const char *const *readable, const char *const *files,
                     const char *const *writable)
{
    (void)readable;
    (void)files;
    (void)writable;
    return 0;
}

#endif
