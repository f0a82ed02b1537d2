/*
 * When this process started. The helper may not see it where /proc is mounted with hidepid.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pam_xacct/internal.h"

/* Fields as proc(5) numbers them: the first after the command's name, and the one sought. */
#define FIELD_STATE      3
#define FIELD_START_TIME 22

int start_time_of_self(int64_t *ticks)
{
    char stat[2048];
    const char *at;
    int field, fd = open("/proc/self/stat", O_RDONLY | O_CLOEXEC);
    ssize_t length;

    if (fd < 0)
        return errno;
    do
        length = read(fd, stat, sizeof stat - 1);
    while (length < 0 && errno == EINTR);
    close(fd);
    if (length <= 0)
        return EIO;
    stat[length] = '\0';
    /* The command's name is anybody's choice and may hold spaces and parentheses itself. */
    at = strrchr(stat, ')');
    for (field = FIELD_STATE; at != NULL && field <= FIELD_START_TIME; field++)
        at = strchr(at + 1, ' ');
    if (at == NULL)
        return EIO;
    *ticks = strtoll(at + 1, NULL, 10);
    return 0;
}
