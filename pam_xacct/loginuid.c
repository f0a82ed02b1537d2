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

#define LOGINUID_UNSET INT64_C(4294967295) /* AUDIT_UID_UNSET of <linux/audit.h> */

int loginuid_of_self(int64_t *uid)
{
    char text[32];
    char *end;
    int fd = open("/proc/self/loginuid", O_RDONLY | O_CLOEXEC);
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
    *uid = strtoll(text, &end, 10);
    if (end == text || *uid < 0 || *uid > LOGINUID_UNSET)
        return EIO;
    return *uid == LOGINUID_UNSET ? ENOENT : 0;
}
