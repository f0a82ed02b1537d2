/*
 * Sockets, messages, processes and what they ask of the kernel, that fail. What cannot fail for a
 * program that asks rightly, such as closing, killing its child and reaping it, is let be.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <pwd.h>
#include <signal.h>
#include <stdarg.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/faults/wrapped.h"

WRAPPED(int, socket, (int family, int type, int protocol), (family, type, protocol), KIND_SOCKET,
        EMFILE, -1)
WRAPPED(int, socketpair, (int family, int type, int protocol, int pair[2]),
        (family, type, protocol, pair), KIND_SOCKET, EMFILE, -1)
WRAPPED(int, pipe2, (int pair[2], int flags), (pair, flags), KIND_SOCKET, EMFILE, -1)
WRAPPED(int, accept4, (int fd, struct sockaddr *address, socklen_t *size, int flags),
        (fd, address, size, flags), KIND_SOCKET, EMFILE, -1)
WRAPPED(int, epoll_create1, (int flags), (flags), KIND_SOCKET, EMFILE, -1)
WRAPPED(int, signalfd, (int fd, const sigset_t *signals, int flags), (fd, signals, flags),
        KIND_SOCKET, EMFILE, -1)
WRAPPED(int, bind, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size),
        KIND_SOCKET, ENOSPC, -1)
WRAPPED(int, listen, (int fd, int backlog), (fd, backlog), KIND_SOCKET, EADDRINUSE, -1)
WRAPPED(int, pidfd_open, (pid_t pid, unsigned flags), (pid, flags), KIND_SOCKET, EMFILE, -1)

WRAPPED(int, connect, (int fd, const struct sockaddr *address, socklen_t size), (fd, address, size),
        KIND_CONNECT, ECONNREFUSED, -1)
WRAPPED(int, getaddrinfo,
        (const char *name, const char *service, const struct addrinfo *wish,
         struct addrinfo **found),
        (name, service, wish, found), KIND_CONNECT, ENOMEM, EAI_MEMORY)

WRAPPED_SIZED(ssize_t, send, (int fd, const void *bytes, size_t size, int flags),
              (fd, bytes, size, flags), KIND_MESSAGE, ENOBUFS, -1)
WRAPPED_SIZED(ssize_t, sendto,
              (int fd, const void *bytes, size_t size, int flags, const struct sockaddr *address,
               socklen_t address_size),
              (fd, bytes, size, flags, address, address_size), KIND_MESSAGE, ENOBUFS, -1)
WRAPPED(ssize_t, sendmsg, (int fd, const struct msghdr *message, int flags), (fd, message, flags),
        KIND_MESSAGE, ENOBUFS, -1)
WRAPPED_SIZED(ssize_t, recv, (int fd, void *bytes, size_t size, int flags),
              (fd, bytes, size, flags), KIND_MESSAGE, ECONNRESET, -1)
WRAPPED_SIZED(ssize_t, __recv_chk, (int fd, void *bytes, size_t size, size_t room, int flags),
              (fd, bytes, size, room, flags), KIND_MESSAGE, ECONNRESET, -1)
WRAPPED(ssize_t, recvmsg, (int fd, struct msghdr *message, int flags), (fd, message, flags),
        KIND_MESSAGE, ENOMEM, -1)

WRAPPED(int, poll, (struct pollfd * fds, nfds_t count, int ms), (fds, count, ms), KIND_WAIT, ENOMEM,
        -1)
WRAPPED(int, __poll_chk, (struct pollfd * fds, nfds_t count, int ms, size_t room),
        (fds, count, ms, room), KIND_WAIT, ENOMEM, -1)
WRAPPED(int, epoll_wait, (int fd, struct epoll_event *events, int most, int ms),
        (fd, events, most, ms), KIND_WAIT, EINTR, -1)
WRAPPED(pid_t, waitpid, (pid_t pid, int *status, int options), (pid, status, options), KIND_WAIT,
        EINTR, -1)

/* Only what begins to wait needs memory of the kernel's. */
SHOWN int epoll_ctl(int fd, int operation, int watched, struct epoll_event *event)
{
    static int (*real)(int, int, int, struct epoll_event *);

    if (operation == EPOLL_CTL_ADD && plan_strikes(KIND_WAIT, "epoll_ctl", ENOSPC, CALLER))
        return -1;
    FIND_REAL(real, "epoll_ctl");
    return real(fd, operation, watched, event);
}

SHOWN pid_t fork(void)
{
    static pid_t (*real)(void);
    pid_t pid;

    if (plan_strikes(KIND_FORK, "fork", EAGAIN, CALLER))
        return -1;
    FIND_REAL(real, "fork");
    pid = real();
    if (pid == 0)
        plan_forked();
    return pid;
}

/*
 * The module's, which tells its id to the parent alone. In the parent's memory both would count in
 * one place, and at once.
 */
SHOWN int clone(int (*run)(void *), void *stack, int flags, void *argument, ...)
{
    static int (*real)(int (*)(void *), void *, int, void *, ...);
    int *pidfd;
    va_list rest;

    if (plan_strikes(KIND_FORK, "clone", EAGAIN, CALLER))
        return -1;
    va_start(rest, argument);
    pidfd = va_arg(rest, int *);
    va_end(rest);
    FIND_REAL(real, "clone");
    return real(run, stack, flags & ~CLONE_VM, argument, pidfd);
}

WRAPPED(int, execve, (const char *path, char *const arguments[], char *const environment[]),
        (path, arguments, environment), KIND_FORK, ENOMEM, -1)
WRAPPED(int, pthread_create,
        (pthread_t * thread, const pthread_attr_t *attributes, void *(*run)(void *),
         void *argument),
        (thread, attributes, run, argument), KIND_FORK, EAGAIN, EAGAIN)

WRAPPED(int, dup2, (int from, int to), (from, to), KIND_PROCESS, EMFILE, -1)
WRAPPED(int, dup3, (int from, int to, int flags), (from, to, flags), KIND_PROCESS, EMFILE, -1)
WRAPPED(int, chdir, (const char *path), (path), KIND_PROCESS, EIO, -1)
WRAPPED(int, shutdown, (int fd, int how), (fd, how), KIND_PROCESS, ENOTCONN, -1)
WRAPPED(int, getsockopt, (int fd, int level, int option, void *value, socklen_t *size),
        (fd, level, option, value, size), KIND_PROCESS, ENOBUFS, -1)
WRAPPED(int, close_range, (unsigned from, unsigned to, int flags), (from, to, flags), KIND_PROCESS,
        ENOSYS, -1)
WRAPPED(int, getresuid, (uid_t * real_uid, uid_t *effective, uid_t *saved),
        (real_uid, effective, saved), KIND_PROCESS, EFAULT, -1)
WRAPPED(int, gethostname, (char *name, size_t size), (name, size), KIND_PROCESS, ENAMETOOLONG, -1)
WRAPPED(ssize_t, getrandom, (void *bytes, size_t size, unsigned flags), (bytes, size, flags),
        KIND_PROCESS, EINTR, -1)
WRAPPED(int, setrlimit, (__rlimit_resource_t resource, const struct rlimit *limit),
        (resource, limit), KIND_PROCESS, EPERM, -1)
WRAPPED(int, getrlimit, (__rlimit_resource_t resource, struct rlimit *limit), (resource, limit),
        KIND_PROCESS, EPERM, -1)
WRAPPED(int, sigaction, (int number, const struct sigaction *to, struct sigaction *from),
        (number, to, from), KIND_PROCESS, EINVAL, -1)

SHOWN int prctl(int option, ...)
{
    static int (*real)(int, ...);
    unsigned long arguments[4];
    va_list rest;
    size_t i;

    va_start(rest, option);
    for (i = 0; i < 4; i++)
        arguments[i] = va_arg(rest, unsigned long);
    va_end(rest);
    /* Capabilities are dropped one by one: the first stands for all. */
    if ((option != PR_CAPBSET_DROP || arguments[0] == 0) &&
        plan_strikes(KIND_PROCESS, "prctl", EINVAL, CALLER))
        return -1;
    FIND_REAL(real, "prctl");
    return real(option, arguments[0], arguments[1], arguments[2], arguments[3]);
}

#define FCNTL(name)                                                                                \
    SHOWN int name(int fd, int command, ...)                                                       \
    {                                                                                              \
        static int (*real)(int, int, ...);                                                         \
        unsigned long argument;                                                                    \
        va_list rest;                                                                              \
                                                                                                   \
        if (plan_strikes(KIND_PROCESS, #name, EMFILE, CALLER))                                     \
            return -1;                                                                             \
        va_start(rest, command);                                                                   \
        argument = va_arg(rest, unsigned long);                                                    \
        va_end(rest);                                                                              \
        FIND_REAL(real, #name);                                                                    \
        return real(fd, command, argument);                                                        \
    }

FCNTL(fcntl)
FCNTL(fcntl64)

/* What is natural for a raw system call to fail with. */
static int natural_error(long number)
{
    switch (number) {
    case SYS_clone:
        return EAGAIN;
    case SYS_close_range:
    case SYS_keyctl:
    case SYS_landlock_create_ruleset:
    case SYS_seccomp:
        return ENOSYS;
    default:
        return EPERM;
    }
}

/* The module's way to call what the C library would do otherwise. */
SHOWN long syscall(long number, ...)
{
    static long (*real)(long, ...);
    const enum kind kind = number == SYS_clone ? KIND_FORK : KIND_PROCESS;
    long arguments[6];
    va_list rest;
    size_t i;

    /* No process fails to end, or to reset what it has a right to. */
    if (number != SYS_exit_group && number != SYS_rt_sigaction && number != SYS_rt_sigprocmask &&
        plan_strikes(kind, "syscall", natural_error(number), CALLER))
        return -1;
    va_start(rest, number);
    for (i = 0; i < 6; i++)
        arguments[i] = va_arg(rest, long);
    va_end(rest);
    FIND_REAL(real, "syscall");
    return real(number, arguments[0], arguments[1], arguments[2], arguments[3], arguments[4],
                arguments[5]);
}

/* As by a source that could not be asked. */
WRAPPED(int, getpwnam_r,
        (const char *name, struct passwd *entry, char *text, size_t size, struct passwd **found),
        (name, entry, text, size, found), KIND_LOOKUP, EIO, (*found = NULL, errno))
WRAPPED(int, getpwuid_r,
        (uid_t uid, struct passwd *entry, char *text, size_t size, struct passwd **found),
        (uid, entry, text, size, found), KIND_LOOKUP, EIO, (*found = NULL, errno))
WRAPPED(int, getgrnam_r,
        (const char *name, struct group *entry, char *text, size_t size, struct group **found),
        (name, entry, text, size, found), KIND_LOOKUP, EIO, (*found = NULL, errno))
WRAPPED(int, getgrgid_r,
        (gid_t gid, struct group *entry, char *text, size_t size, struct group **found),
        (gid, entry, text, size, found), KIND_LOOKUP, EIO, (*found = NULL, errno))
WRAPPED(int, __nss_configure_lookup, (const char *database, const char *sources),
        (database, sources), KIND_LOOKUP, ENOMEM, -1)
WRAPPED(int, getgrouplist, (const char *user, gid_t primary, gid_t *groups, int *count),
        (user, primary, groups, count), KIND_LOOKUP, ENOMEM, -1)
