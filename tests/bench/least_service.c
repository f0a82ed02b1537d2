/*
 * The least that a service of ours can be: it greets, takes the request, has another process look
 * the user up, and replies. `least_service SOCKET`; `least_service SOCKET URL CA_FILE` asks STS as
 * well before it replies, on a connection that stays open. It ends with its standard input, and
 * answers each line of that with 0.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/bench/least.h"
#include "tests/bench/serving.h"
#include "tests/bench/sts_request.h"

/* Answers each request about a user with a byte. */
__attribute__((noreturn)) static void serve_look_ups(int channel)
{
    char user[LEAST_REQUEST];

    while (recv(channel, user, sizeof user, 0) == sizeof user)
        if (!look_up(user) || send(channel, "", 1, 0) != 1)
            break;
    _exit(1);
}

/* Serves one connection; a request that is there already has the greeting with the reply. Returns
 * whether it could. */
static bool serve_one(int fd, int channel, bool asks_sts)
{
    static const char greeting[LEAST_GREETING], reply[LEAST_GREETING + LEAST_REPLY];
    char user[LEAST_REQUEST], found;
    const bool greets = recv(fd, user, sizeof user, MSG_DONTWAIT) != sizeof user;
    const ssize_t size = greets ? LEAST_REPLY : sizeof reply;

    if (greets && (send(fd, greeting, sizeof greeting, MSG_NOSIGNAL) != sizeof greeting ||
                   !least_receive(fd, user, sizeof user)))
        return false;
    if (send(channel, user, sizeof user, 0) < 0 || recv(channel, &found, 1, 0) != 1)
        return false;
    if (asks_sts)
        sts_request();
    return send(fd, reply, (size_t)size, MSG_NOSIGNAL) == size;
}

__attribute__((noreturn)) static void serve(int listener, int channel, bool asks_sts)
{
    for (;;) {
        int fd = accept(listener, NULL, NULL);

        /* Whoever is not answered says so. */
        if (fd < 0 || !serve_one(fd, channel, asks_sts))
            _exit(1);
        close(fd);
    }
}

static long long answer(char *line)
{
    (void)line;
    return 0;
}

int main(int argc, char **argv)
{
    int listener, channel[2];

    if (argc != 2 && argc != 4)
        return 2;
    listener = listen_at(argv[1]);
    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, channel) != 0)
        meter_fail("socketpair: %s", strerror(errno));
    if (is_child())
        serve_look_ups(channel[1]);
    if (is_child()) {
        if (argc == 4)
            sts_request_open(argv[2], argv[3]);
        serve(listener, channel[0], argc == 4);
    }
    return meter_run(answer);
}
