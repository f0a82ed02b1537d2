/*
 * The least that asking a service can be: a connect and one frame echoed over a Unix socket, and
 * beside it one getpwnam_r and one getgrouplist. `echo_frames SOCKET`; each line is a user.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <grp.h>
#include <pwd.h>

#include "tests/bench/least.h"
#include "tests/bench/serving.h"

#define FRAME 1024 /* bytes, about what the reply with credentials has */

static struct sockaddr_un address = {.sun_family = AF_UNIX};

__attribute__((noreturn)) static void serve(int listener)
{
    char frame[FRAME];

    for (;;) {
        int fd = accept(listener, NULL, NULL);

        if (fd < 0)
            _exit(1);
        if (least_receive(fd, frame, FRAME) && write(fd, frame, FRAME) != FRAME)
            _exit(1);
        close(fd);
    }
}

/* Starts the server, which ends with us. */
static void start_server(void)
{
    int listener = listen_at(address.sun_path);

    if (is_child())
        serve(listener);
    close(listener);
}

static void echo(void)
{
    static char frame[FRAME];
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0 || connect(fd, (struct sockaddr *)&address, sizeof address) != 0 ||
        write(fd, frame, FRAME) != FRAME || !least_receive(fd, frame, FRAME))
        meter_fail("the echo: %s", strerror(errno));
    close(fd);
}

/* One getpwnam_r and one getgrouplist. Returns whether both gave an answer. */
static bool look_up(const char *user)
{
    struct passwd entry, *found = NULL;
    char buffer[16384];
    gid_t groups[1024];
    int count = sizeof groups / sizeof groups[0];

    return getpwnam_r(user, &entry, buffer, sizeof buffer, &found) == 0 && found != NULL &&
           getgrouplist(user, entry.pw_gid, groups, &count) >= 0;
}

static long long measure(char *line)
{
    long long start = meter_now();

    echo();
    if (!look_up(line))
        meter_fail("the user %s cannot be looked up", line);
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
