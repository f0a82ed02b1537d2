/*
 * The least that a service of ours can be: it greets, takes the request, and replies.
 * `least_service SOCKET`; `least_service SOCKET URL CA_FILE` asks STS as well before it replies, on
 * a connection that stays open. It ends with its standard input, and answers each line of that with
 * 0.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "tests/bench/least.h"
#include "tests/bench/serving.h"
#include "tests/bench/sts_request.h"

/* Serves one connection; a request that is there already has the greeting with the reply. Returns
 * whether it could. */
static bool serve_one(int fd, bool asks_sts)
{
    static const char greeting[LEAST_GREETING], reply[LEAST_GREETING + LEAST_REPLY];
    char user[LEAST_REQUEST];
    const bool greets = recv(fd, user, sizeof user, MSG_DONTWAIT) != sizeof user;
    const ssize_t size = greets ? LEAST_REPLY : sizeof reply;

    if (greets && (send(fd, greeting, sizeof greeting, MSG_NOSIGNAL) != sizeof greeting ||
                   !least_receive(fd, user, sizeof user)))
        return false;
    if (asks_sts)
        sts_request();
    return send(fd, reply, (size_t)size, MSG_NOSIGNAL) == size;
}

__attribute__((noreturn)) static void serve(int listener, bool asks_sts)
{
    for (;;) {
        int fd = accept(listener, NULL, NULL);

        /* Whoever is not answered says so. */
        if (fd < 0 || !serve_one(fd, asks_sts))
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
    int listener;

    if (argc != 2 && argc != 4)
        return 2;
    listener = listen_at(argv[1]);
    if (is_child()) {
        if (argc == 4)
            sts_request_open(argv[2], argv[3]);
        serve(listener, argc == 4);
    }
    return meter_run(answer);
}
