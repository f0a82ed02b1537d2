/*
 * Start times in /proc.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/process_start.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* Fields as proc(5) numbers them: the first after the command's name, and the one sought. */
#define FIELD_STATE      3
#define FIELD_START_TIME 22

int process_start(pid_t pid, long long *ticks)
{
    char path[64], stat[2048], *end;
    const char *at;
    ssize_t length;
    int fd, field, error = 0;

    snprintf(path, sizeof path, "/proc/%ld/stat", (long)pid);
    fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return errno;
    length = read(fd, stat, sizeof stat - 1);
    if (length < 0)
        error = errno;
    close(fd);
    if (error != 0)
        return error;
    stat[length] = '\0';
    /* The command's name is anybody's choice and may hold spaces and parentheses itself. */
    at = strrchr(stat, ')');
    if (at != NULL && (strncmp(at, ") Z", 3) == 0 || strncmp(at, ") X", 3) == 0))
        return ESRCH;
    for (field = FIELD_STATE; at != NULL && field <= FIELD_START_TIME; field++)
        at = strchr(at + 1, ' ');
    if (at == NULL)
        return EBADMSG;
    *ticks = strtoll(at + 1, &end, 10);
    return end != at + 1 && *ticks > 0 ? 0 : EBADMSG;
}
