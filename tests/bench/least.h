/*
 * The least that a line of ours can be, for both ends: a greeting, a request, a reply, of about the
 * sizes that ours have, and nothing in them but the user.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_BENCH_LEAST_H
#define XACCT_TESTS_BENCH_LEAST_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

/* Bytes. The request begins with the user's name, which a NUL ends. */
#define LEAST_GREETING 14
#define LEAST_REQUEST  128
#define LEAST_REPLY    1320

/* Receives `size` bytes. Returns whether they came. */
static inline bool least_receive(int fd, char *bytes, size_t size)
{
    size_t have = 0;

    while (have < size) {
        ssize_t n = read(fd, bytes + have, size - have);

        if (n <= 0)
            return false;
        have += (size_t)n;
    }
    return true;
}

/* Asks who listens at `path` about a user, as a source of NSS does, or as a module, which waits to
 * be greeted before. Returns whether the whole reply came. */
static inline bool least_ask(const char *path, const char *user, bool waits)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    char request[LEAST_REQUEST] = "", reply[LEAST_GREETING + LEAST_REPLY];
    const size_t to_come = waits ? LEAST_REPLY : sizeof reply;
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool answered = false;

    strncpy(address.sun_path, path, sizeof address.sun_path - 1);
    strncpy(request, user, sizeof request - 1);
    if (fd >= 0 && connect(fd, (const struct sockaddr *)&address, sizeof address) == 0 &&
        (!waits || least_receive(fd, reply, LEAST_GREETING)) &&
        send(fd, request, sizeof request, MSG_NOSIGNAL) == sizeof request)
        answered = least_receive(fd, reply, to_come);
    if (fd >= 0)
        close(fd);
    return answered;
}

#endif
