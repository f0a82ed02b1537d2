/*
 * The system calls that the helper and its look-up processes need, by what needs them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "seccomp/programs.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stddef.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#define WHOLE (~(scmp_datum_t)0) /* the mask that leaves out no bit */

/* What each of them may do. */
static const int allowed[] = {
    /* Files: policy, credentials, trust store, NSS sources, audit, session records. */
    SCMP_SYS(access),
    SCMP_SYS(close),
    SCMP_SYS(close_range),
    SCMP_SYS(dup),
    SCMP_SYS(dup2),
    SCMP_SYS(dup3),
    SCMP_SYS(faccessat),
    SCMP_SYS(faccessat2),
    SCMP_SYS(fchmod),
    SCMP_SYS(fcntl),
    SCMP_SYS(fdatasync),
    SCMP_SYS(flock),
    SCMP_SYS(fstat),
    SCMP_SYS(fstatfs),
    SCMP_SYS(fsync),
    SCMP_SYS(ftruncate),
    SCMP_SYS(getcwd),
    SCMP_SYS(getdents64),
    SCMP_SYS(lseek),
    SCMP_SYS(lstat),
    SCMP_SYS(newfstatat),
    SCMP_SYS(open),
    SCMP_SYS(openat),
    SCMP_SYS(openat2),
    SCMP_SYS(pread64),
    SCMP_SYS(read),
    SCMP_SYS(readlink),
    SCMP_SYS(readlinkat),
    SCMP_SYS(readv),
    SCMP_SYS(rename),
    SCMP_SYS(renameat),
    SCMP_SYS(renameat2),
    SCMP_SYS(stat),
    SCMP_SYS(statfs),
    SCMP_SYS(statx),
    SCMP_SYS(umask),
    SCMP_SYS(unlink),
    SCMP_SYS(unlinkat),
    SCMP_SYS(write),
    SCMP_SYS(writev),
    /* Memory. */
    SCMP_SYS(brk),
    SCMP_SYS(madvise),
    SCMP_SYS(mincore),
    SCMP_SYS(mlock),
    SCMP_SYS(mmap),
    SCMP_SYS(mprotect),
    SCMP_SYS(mremap),
    SCMP_SYS(munlock),
    SCMP_SYS(munmap),
    /* Time, waiting, randomness. */
    SCMP_SYS(clock_getres),
    SCMP_SYS(clock_gettime),
    SCMP_SYS(clock_nanosleep),
    SCMP_SYS(epoll_create1),
    SCMP_SYS(epoll_ctl),
    SCMP_SYS(epoll_pwait),
    SCMP_SYS(epoll_wait),
    SCMP_SYS(eventfd2),
    SCMP_SYS(getrandom),
    SCMP_SYS(gettimeofday),
    SCMP_SYS(nanosleep),
    SCMP_SYS(pipe),
    SCMP_SYS(pipe2),
    SCMP_SYS(poll),
    SCMP_SYS(ppoll),
    SCMP_SYS(pselect6),
    SCMP_SYS(select),
    SCMP_SYS(time),
    SCMP_SYS(timerfd_create),
    SCMP_SYS(timerfd_settime),
    /* Sockets, but for their making: STS, DNS, syslog, what NSS sources speak to. */
    SCMP_SYS(bind),
    SCMP_SYS(connect),
    SCMP_SYS(getpeername),
    SCMP_SYS(getsockname),
    SCMP_SYS(getsockopt),
    SCMP_SYS(ioctl),
    SCMP_SYS(recvfrom),
    SCMP_SYS(recvmmsg),
    SCMP_SYS(recvmsg),
    SCMP_SYS(sendmmsg),
    SCMP_SYS(sendmsg),
    SCMP_SYS(sendto),
    SCMP_SYS(setsockopt),
    SCMP_SYS(shutdown),
    SCMP_SYS(socketpair),
    /*
     * Threads: libcurl resolves names in one, in the helper itself and not in a process of its own.
     * It needs no call and no file beyond those that STS is asked with and the trust store is read
     * with, and nobody waits for it beyond a deadline (CURLOPT_QUICK_EXIT). In a process of its own
     * a fault of it, or of what NSS loads for `hosts`, would not be the helper's; libcurl takes
     * addresses from outside only as fixed ones, for good, which is the worse bargain for a
     * service.
     */
    SCMP_SYS(futex),
    SCMP_SYS(get_robust_list),
    SCMP_SYS(membarrier),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_yield),
    SCMP_SYS(set_robust_list),
    /* The process itself, and what it has started. */
    SCMP_SYS(exit),
    SCMP_SYS(exit_group),
    SCMP_SYS(getegid),
    SCMP_SYS(geteuid),
    SCMP_SYS(getgid),
    SCMP_SYS(getgroups),
    SCMP_SYS(getpgrp),
    SCMP_SYS(getpid),
    SCMP_SYS(getppid),
    SCMP_SYS(getresgid),
    SCMP_SYS(getresuid),
    SCMP_SYS(getrlimit),
    SCMP_SYS(getrusage),
    SCMP_SYS(gettid),
    SCMP_SYS(getuid),
    SCMP_SYS(restart_syscall),
    SCMP_SYS(rt_sigaction),
    SCMP_SYS(rt_sigpending),
    SCMP_SYS(rt_sigprocmask),
    SCMP_SYS(rt_sigreturn),
    SCMP_SYS(sigaltstack),
    SCMP_SYS(sysinfo),
    SCMP_SYS(uname),
    SCMP_SYS(wait4),
    SCMP_SYS(waitid),
};

/* The sockets that may be made. Anything raw but netlink, which getaddrinfo(3) uses, is not. */
static const struct {
    int family;
    int type;
} sockets[] = {
    {AF_UNIX, SOCK_STREAM}, {AF_UNIX, SOCK_DGRAM},     {AF_INET, SOCK_STREAM},
    {AF_INET, SOCK_DGRAM},  {AF_INET6, SOCK_STREAM},   {AF_INET6, SOCK_DGRAM},
    {AF_NETLINK, SOCK_RAW}, {AF_UNIX, SOCK_SEQPACKET},
};

/* The helper alone: the service's sockets, and the processes that sessions and look-ups hang on. */
static const int allowed_helper[] = {
    SCMP_SYS(accept4),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(pidfd_send_signal),
    SCMP_SYS(signalfd4),
};

/* The forker alone, beside forking: pidfds of its children, and their sandbox. */
static const int allowed_forker[] = {
    SCMP_SYS(landlock_add_rule),
    SCMP_SYS(landlock_create_ruleset),
    SCMP_SYS(landlock_restrict_self),
    SCMP_SYS(pidfd_open),
    SCMP_SYS(seccomp),
};

static int allow_calls(scmp_filter_ctx filter, const int *calls, size_t count)
{
    size_t i;
    int result = 0;

    for (i = 0; i < count && result == 0; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, calls[i], 0);
    return result;
}

#define ALLOW_ALL(filter, calls) allow_calls(filter, calls, sizeof(calls) / sizeof(calls)[0])

static int allow_sockets(scmp_filter_ctx filter)
{
    const scmp_datum_t type_mask = 0xf; /* without SOCK_CLOEXEC and SOCK_NONBLOCK */
    size_t i;
    int result = 0;

    for (i = 0; i < sizeof sockets / sizeof sockets[0] && result == 0; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
                                  programs_argument(0, WHOLE, (scmp_datum_t)sockets[i].family),
                                  programs_argument(1, type_mask, (scmp_datum_t)sockets[i].type));
    return result;
}

/* Allows a call where one argument is what it has to be. */
static int allow_where(scmp_filter_ctx filter, int call, struct scmp_arg_cmp wanted)
{
    return seccomp_rule_add_array(filter, SCMP_ACT_ALLOW, call, 1, &wanted);
}

/* Threads may be made, and limits asked. */
static int allow_threads(scmp_filter_ctx filter)
{
    int result =
        allow_where(filter, SCMP_SYS(clone), programs_argument(0, CLONE_THREAD, CLONE_THREAD));

    /* Its flags lie in memory, where a filter cannot see them; glibc goes back to clone on ENOSYS.
     */
    if (result == 0)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (result == 0)
        result = allow_where(filter, SCMP_SYS(prlimit64), programs_argument(2, WHOLE, 0));
    return result;
}

static int allow_helper(scmp_filter_ctx filter)
{
    int result = ALLOW_ALL(filter, allowed_helper);

    /* A look-up process or the forker, whose parent it is. */
    if (result == 0)
        result = allow_where(filter, SCMP_SYS(kill), programs_argument(1, WHOLE, SIGKILL));
    return result;
}

/* fork(3) and nothing else that clone(2) can do: no namespace, nothing shared with the child. */
static int allow_forker(scmp_filter_ctx filter)
{
    const scmp_datum_t told = CLONE_CHILD_SETTID | CLONE_CHILD_CLEARTID | CLONE_PARENT_SETTID;
    static const scmp_datum_t controls[] = {PR_SET_PDEATHSIG, PR_SET_NO_NEW_PRIVS};
    int result = ALLOW_ALL(filter, allowed_forker);
    size_t i;

    if (result == 0)
        result = allow_where(filter, SCMP_SYS(clone), programs_argument(0, ~told, SIGCHLD));
    for (i = 0; i < sizeof controls / sizeof controls[0] && result == 0; i++)
        result = allow_where(filter, SCMP_SYS(prctl), programs_argument(0, WHOLE, controls[i]));
    return result;
}

int programs_allow(scmp_filter_ctx filter, enum sandbox_calls calls)
{
    int result = ALLOW_ALL(filter, allowed);

    if (result == 0)
        result = allow_sockets(filter);
    if (result == 0)
        result = allow_threads(filter);
    if (result == 0 && calls == SANDBOX_HELPER)
        result = allow_helper(filter);
    if (result == 0 && calls == SANDBOX_FORKER)
        result = allow_forker(filter);
    return result;
}
