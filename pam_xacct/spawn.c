/*
 * Starting the helper and ending it: the side of the calling process.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "pam_xacct/spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_xacct/internal.h"

const char *stage_text(enum stage stage)
{
    static const char *const texts[STAGE_COUNT] = {
        [STAGE_NONE] = "do nothing",
        [STAGE_DESCRIPTORS] = "arrange its descriptors",
        [STAGE_FORK] = "fork",
        [STAGE_FOLDER] = "change to the root folder",
        [STAGE_LIMITS] = "switch core dumps off",
        [STAGE_GROUPS] = "give up root's groups",
        [STAGE_USER] = "become its own user",
        [STAGE_CAPABILITIES] = "give up its capabilities",
        [STAGE_VERIFY] = "make sure that root cannot be regained",
        [STAGE_PRIVILEGES] = "refuse new privileges",
        [STAGE_EXEC] = "be executed",
        [STAGE_ENDED] = "end",
    };

    return texts[(unsigned)stage < STAGE_COUNT ? stage : STAGE_NONE];
}

/*
 * A fork that runs nobody's handlers and whose end sends no signal: a raw clone(2) without shared
 * memory. Returns as fork(2), and sets *pidfd in the parent.
 */
static pid_t clone_process(int *pidfd)
{
    const unsigned long flags = CLONE_PIDFD;

#if defined(__s390__) || defined(__CRIS__)
    return (pid_t)syscall(SYS_clone, NULL, flags, pidfd, NULL, NULL);
#else
    return (pid_t)syscall(SYS_clone, flags, NULL, pidfd, NULL, NULL);
#endif
}

static void close_both(int pair[2])
{
    if (pair[0] >= 0)
        close(pair[0]);
    if (pair[1] >= 0)
        close(pair[1]);
}

/* A pair of sockets, both above the standard descriptors. */
static int make_pair(int type, int pair[2])
{
    int first, second;

    if (socketpair(AF_UNIX, type | SOCK_CLOEXEC, 0, pair) != 0) {
        pair[0] = pair[1] = -1;
        return errno;
    }
    first = standard_avoid(&pair[0]);
    second = standard_avoid(&pair[1]);
    return first != 0 ? first : second;
}

int helper_start(struct launch *launch, struct helper *helper)
{
    int talk[2] = {-1, -1}, control[2] = {-1, -1};
    struct held_standard held;
    int error, pidfd = -1;
    sigset_t all, before;
    pid_t supervisor;

    standard_hold(&held);
    error = make_pair(SOCK_STREAM, talk);
    if (error == 0)
        error = make_pair(SOCK_SEQPACKET, control);
    if (error != 0)
        goto done;
    launch->talk = talk[1];
    launch->control = control[1];

    /* No handler of the caller may run in the copy. */
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    supervisor = clone_process(&pidfd);
    if (supervisor == 0)
        supervise(launch);
    if (supervisor < 0)
        error = errno;
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0)
        goto done;

    *helper = (struct helper){supervisor, pidfd, talk[0], control[0]};
    talk[0] = control[0] = -1;

done:
    close_both(talk);
    close_both(control);
    standard_release(&held);
    return error;
}

/* Takes reports in until the helper is reaped or the supervisor is gone. Returns whether so. */
static bool read_reports(const struct helper *helper, struct deadline until, struct ending *ending)
{
    struct stage_report report;

    while (deadline_wait(until, helper->control, POLLIN) == 0) {
        ssize_t n = recv(helper->control, &report, sizeof report, MSG_DONTWAIT);

        if (n < 0 && (errno == EINTR || errno == EAGAIN))
            continue;
        if (n != (ssize_t)sizeof report)
            return true;
        if (report.stage == STAGE_ENDED) {
            ending->ended = true;
            ending->wait_status = report.value;
            return true;
        }
        ending->failed = (enum stage)report.stage;
        ending->error = report.value;
    }
    return false;
}

void helper_end(struct helper *helper, struct deadline patience, struct deadline done_by,
                struct ending *ending)
{
    memset(ending, 0, sizeof *ending);
    if (!read_reports(helper, patience, ending)) {
        /* Not close(2): a process that the caller forked meanwhile may hold the other copy. */
        shutdown(helper->control, SHUT_WR);
        read_reports(helper, done_by, ending);
    }
    if (deadline_wait(done_by, helper->pidfd, POLLIN) != 0)
        syscall(SYS_pidfd_send_signal, helper->pidfd, SIGKILL, NULL, 0);
    /* __WALL: the exit signal is not SIGCHLD. ECHILD: the caller reaps with __WALL as well. */
    while (waitpid(helper->supervisor, NULL, __WALL) < 0 && errno == EINTR)
        continue;
    close(helper->pidfd);
    close(helper->talk);
    close(helper->control);
}
