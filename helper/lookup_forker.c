/*
 * Look-up processes, handed over: a socket to each, and a pidfd to kill it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/lookup_forker.h"

#include <errno.h>
#include <signal.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/child.h"
#include "helper/handover.h"
#include "helper/lookup_process.h"
#include "helper/sandbox.h"

enum { SOCKET, PIDFD };

/* With it go the descriptors where `error` is 0. */
struct forked {
    int error;
    unsigned generation; /* the request's */
};

static void reap(int number)
{
    int kept = errno;

    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
    errno = kept;
}

static void fork_one(int channel, unsigned generation)
{
    int handed[HANDOVER_COUNT] = {-1, -1};
    struct forked answer = {.generation = generation};
    pid_t pid = 0;

    answer.error =
        child_start(sandbox_close_forked, lookup_process_run, NULL, &pid, &handed[SOCKET]);
    if (answer.error == 0) {
        handed[PIDFD] = (int)syscall(SYS_pidfd_open, pid, 0);
        answer.error = handed[PIDFD] < 0 ? errno : 0;
    }
    /* When this fails the helper has gone, and the next receive says so. */
    (void)handover_send(channel, &answer, sizeof answer, answer.error == 0 ? handed : NULL, 0);
    /* Our copies. Without another one of its socket the process ends. */
    handover_close(handed);
}

void lookup_forker_run(int channel, const void *nothing)
{
    struct sigaction reaping = {.sa_handler = reap, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    sigset_t ended;
    unsigned generation;

    (void)nothing;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    if (sigaction(SIGCHLD, &reaping, NULL) != 0)
        return;
    while (recv(channel, &generation, sizeof generation, 0) == sizeof generation) {
        /* Not reaped before it has a pidfd, its id stays its own until then. */
        sigprocmask(SIG_BLOCK, &ended, NULL);
        fork_one(channel, generation);
        sigprocmask(SIG_UNBLOCK, &ended, NULL);
    }
}

int lookup_forker_ask(int channel, unsigned generation)
{
    const int flags = MSG_NOSIGNAL | MSG_DONTWAIT;

    return send(channel, &generation, sizeof generation, flags) < 0 ? errno : 0;
}

int lookup_forker_receive(int channel, struct lookup *lookup)
{
    struct forked answer;
    int handed[HANDOVER_COUNT];
    ssize_t received = handover_receive(channel, &answer, sizeof answer, handed, MSG_DONTWAIT);

    if (received < 0 && errno == EAGAIN)
        return ENOMSG;
    if (received != sizeof answer)
        return EPIPE;
    if (answer.error != 0)
        return answer.error;
    if (handed[PIDFD] < 0) {
        handover_close(handed);
        return EMFILE;
    }
    lookup->socket = handed[SOCKET];
    lookup->pidfd = handed[PIDFD];
    lookup->generation = answer.generation;
    return 0;
}
