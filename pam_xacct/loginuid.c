/*
 * Who logged in first, whatever user this process has become since.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "pam_xacct/internal.h"

#define UNSET INT64_C(4294967295) /* AUDIT_UID_UNSET and AUDIT_SID_UNSET of <linux/audit.h> */

/* Reads the number in a file of /proc. Returns as loginuid_of_self. */
static int read_number(const char *path, int64_t *number)
{
    char text[32];
    char *end;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t length;

    if (fd < 0)
        return errno;
    do
        length = read(fd, text, sizeof text - 1);
    while (length < 0 && errno == EINTR);
    close(fd);
    if (length <= 0)
        return EIO;
    text[length] = '\0';
    *number = strtoll(text, &end, 10);
    if (end == text || *number < 0 || *number > UNSET)
        return EIO;
    return *number == UNSET ? ENOENT : 0;
}

int loginuid_of_self(int64_t *uid)
{
    return read_number("/proc/self/loginuid", uid);
}

int audit_session_of_self(int64_t *number)
{
    return read_number("/proc/self/sessionid", number);
}
