/*
 * The supervisor: starts the helper, watches it and the caller, and ends when either has.
 *
 * It is a copy of a process that may have many threads, whose locks may be held by nobody for ever.
 * Nothing here allocates, logs, or calls anything that is not a system call; the same holds for
 * become.c.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "pam_xacct/spawn.h"

/* The one descriptor that is kept beside the standard ones. */
#define CONTROL_FD (STDERR_FILENO + 1)

/* Bytes of stack for the helper until it is executed. */
#define STACK_SIZE    16384
#define STACK_ALIGNED 16 /* as all architectures want it at the least */

/* Where close_range(2) is missing: more than any sane process has open, and soon done. */
#define CLOSE_HIGHEST 65536

static void send_report(int control, int stage, int value)
{
    const struct stage_report report = {stage, value};

    while (send(control, &report, sizeof report, MSG_NOSIGNAL) < 0 && errno == EINTR)
        continue;
}

/* Not _exit(2), which sanitizers make their own. */
static _Noreturn void leave(int status)
{
    for (;;)
        syscall(SYS_exit_group, status);
}

_Noreturn void stage_failed(int control, enum stage stage, int error)
{
    send_report(control, stage, error);
    leave(127);
}

static void close_from(int lowest)
{
    int fd;

    if (syscall(SYS_close_range, lowest, ~0U, 0) == 0)
        return;
    for (fd = lowest; fd < CLOSE_HIGHEST; fd++)
        close(fd);
}

/*
 * The conversation on 0, /dev/null on 1 and 2, the control on CONTROL_FD, nothing else: for the
 * helper, which inherits them, as much as for the supervisor.
 */
static void arrange_descriptors(const struct launch *launch)
{
    int null;

    if (dup2(launch->talk, STDIN_FILENO) < 0 ||
        (launch->control != CONTROL_FD && dup3(launch->control, CONTROL_FD, O_CLOEXEC) < 0))
        stage_failed(launch->control, STAGE_DESCRIPTORS, errno);
    /* Without O_CLOEXEC: where 1 was closed, this is 1, and dup2 onto itself changes no flag. */
    null = open("/dev/null", O_RDWR | O_NOCTTY);
    if (null < 0 || dup2(null, STDOUT_FILENO) < 0 || dup2(null, STDERR_FILENO) < 0)
        stage_failed(CONTROL_FD, STAGE_DESCRIPTORS, errno);
    close_from(CONTROL_FD + 1);
}

/*
 * Every disposition becomes the default one; an ignored signal would survive the helper's exec, and
 * an ignored SIGCHLD would reap the helper behind the supervisor's back. sigaction(2) raw, since
 * the C library keeps two signals to itself; all zeros is SIG_DFL in the kernel's form everywhere.
 */
static void reset_signals(void)
{
    static const unsigned long by_default[8];
    int number;

    for (number = 1; number < _NSIG; number++)
        syscall(SYS_rt_sigaction, number, by_default, NULL, (size_t)_NSIG / 8);
}

/* The helper and whatever it started in its own process group. */
static void kill_all(pid_t helper)
{
    kill(helper, SIGKILL);
    kill(-helper, SIGKILL);
}

/* What the helper's process is told. */
struct start {
    const struct launch *launch;
    pid_t supervisor;
};

static int begin_helper(void *argument)
{
    const struct start *start = argument;

    become_program(start->launch, CONTROL_FD, start->supervisor);
}

/*
 * Whether a process that gives up root shuts its memory to others of its new user, as the kernel
 * does unless it is told to dump such processes (proc(5), fs.suid_dumpable), or cannot say.
 */
static bool memory_is_shut(void)
{
    int fd = open("/proc/sys/fs/suid_dumpable", O_RDONLY | O_CLOEXEC);
    char value = '1';

    if (fd < 0)
        return false;
    if (read(fd, &value, 1) != 1)
        value = '1';
    close(fd);
    return value == '0' || value == '2';
}

/*
 * Starts the helper's process on a stack of its own, which has to stay. Until it executes its
 * program it has our memory, where that is shut, as to copy a login process for that moment is half
 * of what starting it costs. It makes system calls alone, and so do we, and no more than `errno` is
 * changed by both: it tells why it failed by that, so none of our calls may fail meanwhile but
 * those that come with its end. Returns its id with *pidfd set, or -1 with errno.
 */
static pid_t start_helper(struct start *start, unsigned char stack[STACK_SIZE], int *pidfd)
{
    const int flags = CLONE_PIDFD | SIGCHLD | (memory_is_shut() ? CLONE_VM : 0);

#ifdef __hppa__
    return clone(begin_helper, stack, flags, start, pidfd); /* there it grows upwards */
#else
    return clone(begin_helper, &stack[STACK_SIZE - STACK_ALIGNED], flags, start, pidfd);
#endif
}

_Noreturn void supervise(const struct launch *launch)
{
    unsigned char stack[STACK_SIZE] __attribute__((aligned(STACK_ALIGNED)));
    struct start start = {launch, getpid()};
    struct pollfd watched[2];
    pid_t helper;
    int pidfd = -1, status = 0;

    /* The caller's end shows on the control, unless a process that it forked holds a copy. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    /* What the helper leaves behind is ours to reap: in a container nobody else may do it. */
    prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
    arrange_descriptors(launch);
    reset_signals();
    helper = start_helper(&start, stack, &pidfd);
    if (helper < 0)
        stage_failed(CONTROL_FD, STAGE_FORK, errno);
    /* Else the module would not see the helper close its end. */
    close(STDIN_FILENO);

    watched[0] = (struct pollfd){.fd = CONTROL_FD, .events = POLLIN};
    watched[1] = (struct pollfd){.fd = pidfd, .events = POLLIN};
    for (;;) {
        if (poll(watched, 2, -1) < 0)
            continue;
        if (watched[1].revents != 0)
            break;
        if (watched[0].revents != 0) {
            kill_all(helper);
            watched[0].fd = -1;
        }
    }
    /* While it is a zombie its number is nobody else's, so this reaches what it left behind. */
    kill_all(helper);
    while (waitpid(helper, &status, __WALL) < 0 && errno == EINTR)
        continue;
    send_report(CONTROL_FD, STAGE_ENDED, status);
    while (waitpid(-1, NULL, __WALL) > 0 || errno == EINTR)
        continue;
    leave(0);
}
