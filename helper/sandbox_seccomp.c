/*
 * The system calls that the helper and its look-up process need, by what needs them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/sandbox_seccomp.h"

#ifndef XACCT_WITHOUT_SANDBOX

#include <errno.h>
#include <sched.h>
#include <seccomp.h>
#include <signal.h>
#include <stddef.h>
#include <sys/socket.h>

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
    /* Threads: libcurl resolves names in one. */
    SCMP_SYS(futex),
    SCMP_SYS(get_robust_list),
    SCMP_SYS(membarrier),
    SCMP_SYS(rseq),
    SCMP_SYS(sched_getaffinity),
    SCMP_SYS(sched_yield),
    SCMP_SYS(set_robust_list),
    /* The process itself and its look-up process. */
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

static int allow_calls(scmp_filter_ctx filter)
{
    size_t i;
    int result = 0;

    for (i = 0; i < sizeof allowed / sizeof allowed[0] && result == 0; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, allowed[i], 0);
    return result;
}

/* One argument of a call compared: its value under `mask` must be `wanted`. */
static struct scmp_arg_cmp argument(unsigned number, scmp_datum_t mask, scmp_datum_t wanted)
{
    return (struct scmp_arg_cmp){
        .arg = number, .op = SCMP_CMP_MASKED_EQ, .datum_a = mask, .datum_b = wanted};
}

static int allow_sockets(scmp_filter_ctx filter)
{
    const scmp_datum_t whole = ~(scmp_datum_t)0;
    const scmp_datum_t type_mask = 0xf; /* without SOCK_CLOEXEC and SOCK_NONBLOCK */
    size_t i;
    int result = 0;

    for (i = 0; i < sizeof sockets / sizeof sockets[0] && result == 0; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(socket), 2,
                                  argument(0, whole, (scmp_datum_t)sockets[i].family),
                                  argument(1, type_mask, (scmp_datum_t)sockets[i].type));
    return result;
}

/* Threads may be made and processes not; the look-up process may be killed and read limits asked.
 */
static int allow_process_calls(scmp_filter_ctx filter)
{
    const scmp_datum_t whole = ~(scmp_datum_t)0;
    int result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(clone), 1,
                                  argument(0, CLONE_THREAD, CLONE_THREAD));

    /* Its flags lie in memory, where a filter cannot see them; glibc goes back to clone on ENOSYS.
     */
    if (result == 0)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    if (result == 0)
        result = seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(kill), 1,
                                  argument(1, whole, SIGKILL));
    if (result == 0)
        result =
            seccomp_rule_add(filter, SCMP_ACT_ALLOW, SCMP_SYS(prlimit64), 1, argument(2, whole, 0));
    return result;
}

int sandbox_seccomp(void)
{
    scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ERRNO(EPERM));
    int result = -ENOMEM;

    if (filter == NULL)
        goto done;
    result = allow_calls(filter);
    if (result == 0)
        result = allow_sockets(filter);
    if (result == 0)
        result = allow_process_calls(filter);
    if (result == 0)
        result = seccomp_load(filter);

done:
    seccomp_release(filter);
    return -result;
}

#else

int sandbox_seccomp(void)
{
    return 0;
}

#endif
