/*
 * Keeping our descriptors away from the standard ones.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "pam_xacct/internal.h"

void standard_hold(struct held_standard *held)
{
    held->count = 0;
    while (held->count <= STDERR_FILENO) {
        /* O_PATH: it can neither be read nor written. */
        int fd = open("/", O_PATH | O_CLOEXEC);

        if (fd > STDERR_FILENO)
            close(fd);
        if (fd < 0 || fd > STDERR_FILENO)
            break;
        held->fds[held->count++] = fd;
    }
}

void standard_release(struct held_standard *held)
{
    while (held->count > 0)
        close(held->fds[--held->count]);
}

int standard_avoid(int *fd)
{
    int moved, error = 0;

    if (*fd > STDERR_FILENO)
        return 0;
    moved = fcntl(*fd, F_DUPFD_CLOEXEC, STDERR_FILENO + 1);
    if (moved < 0)
        error = errno;
    close(*fd);
    *fd = moved;
    return error;
}
