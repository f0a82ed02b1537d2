/*
 * Listening.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/listener.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define FIRST_INHERITED 3    /* SD_LISTEN_FDS_START */
#define BACKLOG         1024 /* as in xacct.socket */

/* Whether the descriptor is a Unix stream socket that listens. */
static int is_listener(int fd)
{
    int domain = 0, type = 0, listens = 0;
    socklen_t size = sizeof domain;

    return getsockopt(fd, SOL_SOCKET, SO_DOMAIN, &domain, &size) == 0 &&
           getsockopt(fd, SOL_SOCKET, SO_TYPE, &type, &size) == 0 &&
           getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 && domain == AF_UNIX &&
           type == SOCK_STREAM && listens;
}

int listener_inherit(char *why, size_t why_size)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");

    if (pid == NULL || count == NULL || strtol(pid, NULL, 10) != getpid() ||
        strcmp(count, "1") != 0)
        snprintf(why, why_size,
                 "--service takes one socket from systemd (xacct.socket), and there is none; by "
                 "hand, use --listen PATH");
    else if (!is_listener(FIRST_INHERITED))
        snprintf(why, why_size,
                 "what systemd handed over is no listening Unix stream socket: ListenStream= of "
                 "xacct.socket must name a path");
    else if (fcntl(FIRST_INHERITED, F_SETFD, FD_CLOEXEC) != 0 ||
             fcntl(FIRST_INHERITED, F_SETFL, O_NONBLOCK) != 0)
        snprintf(why, why_size, "the socket that systemd handed over cannot be set up: %s",
                 strerror(errno));
    else
        return FIRST_INHERITED;
    return -1;
}

/* Removes a socket whose service has gone. Returns 0, or EADDRINUSE when it lives. */
static int remove_stale(const struct sockaddr_un *address)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int error = 0;

    if (fd < 0)
        return errno;
    if (connect(fd, (const struct sockaddr *)address, sizeof *address) == 0 || errno == EAGAIN)
        error = EADDRINUSE;
    else if (errno == ECONNREFUSED && unlink(address->sun_path) != 0)
        error = errno;
    close(fd);
    return error;
}

int listener_open(const char *path, char *why, size_t why_size)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = -1, error = 0;

    if (path[0] != '/' || strlen(path) >= sizeof address.sun_path)
        error = EINVAL;
    else
        strcpy(address.sun_path, path);
    if (error == 0)
        error = remove_stale(&address);
    if (error == 0) {
        fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        if (fd < 0 || bind(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
            chmod(path, 0666) != 0 || listen(fd, BACKLOG) != 0)
            error = errno;
    }
    if (error == 0)
        return fd;
    snprintf(why, why_size,
             "the socket %s cannot be made: %s (its folder must be the helper's user's own; "
             "tmpfiles makes /run/xacct)",
             path, error == EADDRINUSE ? "a service listens there already" : strerror(error));
    if (fd >= 0)
        close(fd);
    return -1;
}
