/*
 * The system calls that what runs outside is refused. Nobody can list the calls and files of an
 * admin's program or of a PKCS#11 module, so this one lets everything pass but what reaches into
 * other processes, the kernel, or namespaces, none of which they have a use for.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "seccomp/programs.h"

#include <errno.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>

#define TYPE_MASK  ((scmp_datum_t)0xf) /* of a socket's type, without SOCK_CLOEXEC and _NONBLOCK */
#define FAMILY_MAX 64                  /* more than there are */

static const int refused[] = {
    /* Other processes. */
    SCMP_SYS(kcmp),
    SCMP_SYS(pidfd_getfd),
    SCMP_SYS(process_madvise),
    SCMP_SYS(process_vm_readv),
    SCMP_SYS(process_vm_writev),
    SCMP_SYS(ptrace),
    /* Mounts and namespaces. */
    SCMP_SYS(chroot),
    SCMP_SYS(fsconfig),
    SCMP_SYS(fsmount),
    SCMP_SYS(fsopen),
    SCMP_SYS(fspick),
    SCMP_SYS(mount),
    SCMP_SYS(mount_setattr),
    SCMP_SYS(move_mount),
    SCMP_SYS(open_by_handle_at),
    SCMP_SYS(open_tree),
    SCMP_SYS(pivot_root),
    SCMP_SYS(setns),
    SCMP_SYS(umount2),
    SCMP_SYS(unshare),
    /* The kernel, its keys, its clock, and parts of it that had many faults. */
    SCMP_SYS(acct),
    SCMP_SYS(add_key),
    SCMP_SYS(adjtimex),
    SCMP_SYS(bpf),
    SCMP_SYS(clock_adjtime),
    SCMP_SYS(clock_settime),
    SCMP_SYS(delete_module),
    SCMP_SYS(finit_module),
    SCMP_SYS(init_module),
    SCMP_SYS(io_uring_enter),
    SCMP_SYS(io_uring_register),
    SCMP_SYS(io_uring_setup),
    SCMP_SYS(ioperm),
    SCMP_SYS(iopl),
    SCMP_SYS(kexec_file_load),
    SCMP_SYS(kexec_load),
    SCMP_SYS(keyctl),
    SCMP_SYS(lookup_dcookie),
    SCMP_SYS(perf_event_open),
    SCMP_SYS(quotactl),
    SCMP_SYS(reboot),
    SCMP_SYS(request_key),
    SCMP_SYS(sethostname),
    SCMP_SYS(setdomainname),
    SCMP_SYS(settimeofday),
    SCMP_SYS(swapoff),
    SCMP_SYS(swapon),
    SCMP_SYS(syslog),
    SCMP_SYS(userfaultfd),
    SCMP_SYS(vhangup),
};

static const scmp_datum_t namespaces[] = {
    CLONE_NEWCGROUP, CLONE_NEWIPC,  CLONE_NEWNET, CLONE_NEWNS,
    CLONE_NEWPID,    CLONE_NEWUSER, CLONE_NEWUTS,
};

static int refuse_calls(scmp_filter_ctx filter)
{
    size_t i;
    int result = 0;

    for (i = 0; i < sizeof refused / sizeof refused[0] && result == 0; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), refused[i], 0);
    return result;
}

/* clone3's flags lie in memory, where a filter cannot see them; glibc goes back to clone. */
static int refuse_namespaces(scmp_filter_ctx filter)
{
    int result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(ENOSYS), SCMP_SYS(clone3), 0);
    size_t i;

    for (i = 0; i < sizeof namespaces / sizeof namespaces[0] && result == 0; i++)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(clone), 1,
                                  programs_argument(0, namespaces[i], namespaces[i]));
    return result;
}

static int refuse_family(scmp_filter_ctx filter, int family)
{
    switch (family) {
    case AF_UNIX:
    case AF_NETLINK:
        return 0;
    case AF_INET:
    case AF_INET6:
        return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(socket), 2,
                                programs_argument(0, UINT32_MAX, (scmp_datum_t)family),
                                programs_argument(1, TYPE_MASK, SOCK_RAW));
    default:
        return seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1,
                                programs_argument(0, UINT32_MAX, (scmp_datum_t)family));
    }
}

static int refuse_sockets(scmp_filter_ctx filter)
{
    const struct scmp_arg_cmp beyond = {.arg = 0, .op = SCMP_CMP_GE, .datum_a = FAMILY_MAX};
    int result =
        seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), SCMP_SYS(socket), 1, beyond);
    int family;

    for (family = 0; family < FAMILY_MAX && result == 0; family++)
        result = refuse_family(filter, family);
    return result;
}

int programs_refuse(scmp_filter_ctx filter, enum sandbox_calls calls)
{
    int result = refuse_calls(filter);

    if (result == 0)
        result = refuse_namespaces(filter);
    if (result == 0)
        result = refuse_sockets(filter);
    if (result == 0 && calls == SANDBOX_MODULE)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(execve), 0);
    if (result == 0 && calls == SANDBOX_MODULE)
        result = seccomp_rule_add(filter, SCMP_ACT_ERRNO(EPERM), SCMP_SYS(execveat), 0);
    return result;
}
