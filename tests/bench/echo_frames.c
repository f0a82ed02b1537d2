/*
 * The least that asking a service can be: a connect and one frame echoed over a Unix socket, and
 * beside it one getpwnam_r and one getgrouplist. `echo_frames SOCKET`; each line is a user.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <grp.h>
#include <pwd.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "tests/bench/meter.h"

#define FRAME 1024 /* bytes, about what the reply with credentials has */

static struct sockaddr_un address = {.sun_family = AF_UNIX};

/* Reads a whole frame. Returns whether it could. */
static bool receive(int fd, char frame[FRAME])
{
    size_t have = 0;

    while (have < FRAME) {
        ssize_t n = read(fd, frame + have, FRAME - have);

        if (n <= 0)
            return false;
        have += (size_t)n;
    }
    return true;
}

__attribute__((noreturn)) static void serve(int listener)
{
    char frame[FRAME];

    for (;;) {
        int fd = accept(listener, NULL, NULL);

        if (fd < 0)
            _exit(1);
        if (receive(fd, frame) && write(fd, frame, FRAME) != FRAME)
            _exit(1);
        close(fd);
    }
}

/* Starts the server, which ends with us. */
static void start_server(void)
{
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (listener < 0 || bind(listener, (struct sockaddr *)&address, sizeof address) != 0 ||
        listen(listener, 8) != 0)
        meter_fail("%s: %s", address.sun_path, strerror(errno));
    switch (fork()) {
    case -1:
        meter_fail("fork: %s", strerror(errno));
    case 0:
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        serve(listener);
    default:
        close(listener);
    }
}

static void echo(void)
{
    static char frame[FRAME];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        write(fd, frame, FRAME) != FRAME || !receive(fd, frame))
        meter_fail("the echo: %s", strerror(errno));
    close(fd);
}

static void look_up(const char *user)
{
    struct passwd entry, *found = NULL;
    char buffer[16384];
    gid_t groups[1024];
    int count = sizeof groups / sizeof groups[0];

    if (getpwnam_r(user, &entry, buffer, sizeof buffer, &found) != 0 || found == NULL)
        meter_fail("there is no user %s", user);
    if (getgrouplist(user, entry.pw_gid, groups, &count) < 0)
        meter_fail("the groups of %s do not fit", user);
}

static long long measure(char *line)
{
    long long start = meter_now();

    echo();
    look_up(line);
    return meter_now() - start;
}

int main(int argc, char **argv)
{
    if (argc != 2 || strlen(argv[1]) >= sizeof address.sun_path)
        return 2;
    strcpy(address.sun_path, argv[1]);
    start_server();
    return meter_run(measure);
}
