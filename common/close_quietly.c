/*
 * Closing on the way out of a failure.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "common/close_quietly.h"

#include <errno.h>
#include <unistd.h>

void close_quietly(int fd)
{
    int error = errno;

    if (fd >= 0)
        close(fd);
    errno = error;
}
