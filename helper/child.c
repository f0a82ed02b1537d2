/*
 * Forking.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/child.h"

#include <errno.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

/* Whatever the parent made of signals: none is blocked, and those that ask for an end are ignored.
 */
static void settle_signals(void)
{
    static const int ignored[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM, SIGPIPE};
    sigset_t none;
    size_t i;

    signal(SIGCHLD, SIG_DFL);
    for (i = 0; i < sizeof ignored / sizeof ignored[0]; i++)
        signal(ignored[i], SIG_IGN);
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

int child_start(int (*close_sandbox)(void), void (*run)(int socket, const void *argument),
                const void *argument, pid_t *pid, int *socket)
{
    pid_t parent = getpid();
    int ends[2];
    int error;

    if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
        return errno;
    *pid = fork();
    if (*pid < 0) {
        error = errno;
        close(ends[0]);
        close(ends[1]);
        *pid = 0;
        return error;
    }
    if (*pid == 0) {
        settle_signals();
        /* The parent may have ended before the kernel was told to tell us. */
        if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent ||
            dup2(ends[1], STDIN_FILENO) < 0 || close_range(STDERR_FILENO + 1, ~0U, 0) != 0 ||
            close_sandbox() != 0)
            _exit(1);
        run(STDIN_FILENO, argument);
        _exit(0);
    }
    close(ends[1]);
    *socket = ends[0];
    return 0;
}
