/*
 * A server on a Unix socket beside the program that measures.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_BENCH_SERVING_H
#define XACCT_TESTS_BENCH_SERVING_H

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "tests/bench/meter.h"

/* Returns a socket that listens at `path`. It does not come back if it cannot (meter_fail). */
static inline int listen_at(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (strlen(path) >= sizeof address.sun_path)
        meter_fail("%s: %s", path, strerror(ENAMETOOLONG));
    strcpy(address.sun_path, path);
    unlink(path);
    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 8) != 0)
        meter_fail("%s: %s", path, strerror(errno));
    return listener;
}

/* Forks a process that ends with this one. Returns whether it is that. */
static inline bool is_child(void)
{
    pid_t pid = fork();

    if (pid < 0)
        meter_fail("fork: %s", strerror(errno));
    if (pid == 0)
        prctl(PR_SET_PDEATHSIG, SIGKILL);
    return pid == 0;
}

#endif
