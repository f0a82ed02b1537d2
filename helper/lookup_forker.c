/*
 * Look-up processes handed over by SCM_RIGHTS (unix(7)): a socket to each, and a pidfd to kill it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/lookup_forker.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/child.h"
#include "helper/lookup_process.h"
#include "helper/sandbox.h"

enum { SOCKET, PIDFD, HANDED };

/* What a message that hands over descriptors is made of; its bytes are an errno, or 0. */
struct handover {
    struct msghdr message;
    struct iovec part;
    int error;
    union {
        struct cmsghdr header;
        char bytes[CMSG_SPACE(HANDED * sizeof(int))];
    } control;
};

static void handover_init(struct handover *handover)
{
    memset(handover, 0, sizeof *handover);
    handover->part = (struct iovec){&handover->error, sizeof handover->error};
    handover->message.msg_iov = &handover->part;
    handover->message.msg_iovlen = 1;
    handover->message.msg_control = &handover->control;
    handover->message.msg_controllen = sizeof handover->control;
}

/* Sends an errno, or 0 and the descriptors. */
static void hand_over(int channel, int error, const int *handed)
{
    struct handover handover;

    handover_init(&handover);
    handover.error = error;
    if (error == 0) {
        handover.control.header.cmsg_level = SOL_SOCKET;
        handover.control.header.cmsg_type = SCM_RIGHTS;
        handover.control.header.cmsg_len = CMSG_LEN(HANDED * sizeof(int));
        memcpy(CMSG_DATA(&handover.control.header), handed, HANDED * sizeof(int));
    } else {
        handover.message.msg_controllen = 0;
    }
    /* When this fails the helper has gone, and the next receive says so. */
    (void)sendmsg(channel, &handover.message, MSG_NOSIGNAL);
}

static void reap(int number)
{
    int kept = errno;

    (void)number;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
    errno = kept;
}

static void fork_one(int channel)
{
    int handed[HANDED] = {-1, -1};
    pid_t pid = 0;
    int error = child_start(sandbox_close_forked, lookup_process_run, NULL, &pid, &handed[SOCKET]);

    if (error == 0) {
        handed[PIDFD] = (int)syscall(SYS_pidfd_open, pid, 0);
        error = handed[PIDFD] < 0 ? errno : 0;
    }
    hand_over(channel, error, handed);
    /* Our copies. Without another one of its socket the process ends. */
    if (handed[SOCKET] >= 0)
        close(handed[SOCKET]);
    if (handed[PIDFD] >= 0)
        close(handed[PIDFD]);
}

void lookup_forker_run(int channel, const void *nothing)
{
    struct sigaction reaping = {.sa_handler = reap, .sa_flags = SA_RESTART | SA_NOCLDSTOP};
    sigset_t ended;
    char asked;

    (void)nothing;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    if (sigaction(SIGCHLD, &reaping, NULL) != 0)
        return;
    while (recv(channel, &asked, sizeof asked, 0) == sizeof asked) {
        /* Not reaped before it has a pidfd, its id stays its own until then. */
        sigprocmask(SIG_BLOCK, &ended, NULL);
        fork_one(channel);
        sigprocmask(SIG_UNBLOCK, &ended, NULL);
    }
}

int lookup_forker_ask(int channel)
{
    const char asked = 1;

    return send(channel, &asked, sizeof asked, MSG_NOSIGNAL | MSG_DONTWAIT) < 0 ? errno : 0;
}

int lookup_forker_receive(int channel, int *socket, int *pidfd)
{
    struct handover handover;
    int handed[HANDED] = {-1, -1};
    ssize_t received;
    size_t count;

    handover_init(&handover);
    received = recvmsg(channel, &handover.message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
    if (received < 0 && errno == EAGAIN)
        return ENOMSG;
    if (received != sizeof handover.error)
        return EPIPE;
    if (handover.error != 0)
        return handover.error;
    /* Where we may have no more descriptors, the kernel drops those that are too many. */
    count = handover.message.msg_controllen < CMSG_LEN(0)
                ? 0
                : (handover.control.header.cmsg_len - CMSG_LEN(0)) / sizeof(int);
    memcpy(handed, CMSG_DATA(&handover.control.header), count * sizeof(int));
    if (count < HANDED) {
        if (handed[SOCKET] >= 0)
            close(handed[SOCKET]);
        return EMFILE;
    }
    *socket = handed[SOCKET];
    *pidfd = handed[PIDFD];
    return 0;
}
