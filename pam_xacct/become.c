/*
 * From a copy of the login process to the helper: everything is given up, and that it is gone is
 * made sure of. System calls alone, as in supervisor.c, whose memory this may be too, so that
 * nothing static is written to; those that change ids are made raw, because the C library's would
 * signal threads that do not exist in this copy.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "pam_xacct/spawn.h"

/* Where ids once had 16 bits, the call that takes 32 has a name of its own. */
#ifdef SYS_setresuid32
#define ID_CALL(name) SYS_##name##32
#else
#define ID_CALL(name) SYS_##name
#endif

#define CAPABILITIES_HIGHEST 63
#define UNCHANGED            ((unsigned)-1)

/*
 * pam_limits may have given this process the user's limits already. CORE is first and must be met:
 * the helper holds secrets.
 */
static const struct {
    int resource;
    rlim_t value;
} limits[] = {
    {RLIMIT_CORE, 0},
    {RLIMIT_AS, RLIM_INFINITY},
    {RLIMIT_CPU, RLIM_INFINITY},
    {RLIMIT_DATA, RLIM_INFINITY},
    {RLIMIT_FSIZE, RLIM_INFINITY},
    {RLIMIT_MEMLOCK, (rlim_t)64 * 1024 * 1024},
    {RLIMIT_NOFILE, 1024},
    {RLIMIT_NPROC, RLIM_INFINITY},
    {RLIMIT_STACK, (rlim_t)8 * 1024 * 1024},
};

static void set_limits(int control)
{
    size_t i;

    for (i = 0; i < sizeof limits / sizeof limits[0]; i++) {
        struct rlimit limit = {limits[i].value, limits[i].value};

        if (setrlimit(limits[i].resource, &limit) == 0)
            continue;
        if (limits[i].resource == RLIMIT_CORE)
            stage_failed(control, STAGE_LIMITS, errno);
        /* A container's root may not raise the hard limit: as far as it goes, then. */
        if (getrlimit(limits[i].resource, &limit) == 0) {
            limit.rlim_cur = limit.rlim_max;
            setrlimit(limits[i].resource, &limit);
        }
    }
}

/* Where pam_selinux came before us, the next exec would run in the user's context. */
static void reset_exec_context(void)
{
    int fd = open("/proc/self/attr/exec", O_RDWR | O_CLOEXEC);

    if (fd < 0)
        return;
    /* Raw for its unused result: where it fails there is no SELinux, and nothing to reset. */
    syscall(SYS_write, fd, "", (size_t)0);
    close(fd);
}

/* Capabilities last of all: changing the ids needs them. */
static void give_up_root(const struct launch *launch, int control)
{
    struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
    const struct __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {{0}};
    int capability;

    prctl(PR_SET_KEEPCAPS, 0, 0, 0, 0);
    for (capability = 0; capability <= CAPABILITIES_HIGHEST; capability++)
        prctl(PR_CAPBSET_DROP, capability, 0, 0, 0);
    if (syscall(ID_CALL(setgroups), 0, NULL) != 0 ||
        syscall(ID_CALL(setresgid), launch->gid, launch->gid, launch->gid) != 0)
        stage_failed(control, STAGE_GROUPS, errno);
    if (syscall(ID_CALL(setresuid), launch->uid, launch->uid, launch->uid) != 0)
        stage_failed(control, STAGE_USER, errno);
    prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    if (syscall(SYS_capset, &header, none) != 0)
        stage_failed(control, STAGE_CAPABILITIES, errno);
}

static void verify(const struct launch *launch, int control)
{
    uid_t uid[3];
    gid_t gid[3];
    int i;

    if (syscall(ID_CALL(getresuid), &uid[0], &uid[1], &uid[2]) != 0 ||
        syscall(ID_CALL(getresgid), &gid[0], &gid[1], &gid[2]) != 0 ||
        syscall(ID_CALL(getgroups), 0, NULL) != 0)
        stage_failed(control, STAGE_VERIFY, EPERM);
    for (i = 0; i < 3; i++)
        if (uid[i] != launch->uid || gid[i] != launch->gid)
            stage_failed(control, STAGE_VERIFY, EPERM);
    if (syscall(ID_CALL(setresuid), UNCHANGED, 0, UNCHANGED) == 0 ||
        syscall(ID_CALL(setresgid), UNCHANGED, 0, UNCHANGED) == 0)
        stage_failed(control, STAGE_VERIFY, EPERM);
}

_Noreturn void become_program(const struct launch *launch, int control, pid_t supervisor)
{
    static const unsigned long nothing_blocked[_NSIG / 8 / sizeof(unsigned long) + 1];
    static char *const no_environment[] = {NULL};

    setsid();
    umask(077);
    if (chdir("/") != 0)
        stage_failed(control, STAGE_FOLDER, errno);
    reset_exec_context();
    set_limits(control);
    give_up_root(launch, control);
    verify(launch, control);
    if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) != 0)
        stage_failed(control, STAGE_PRIVILEGES, errno);
    /* The login's own keyring is not for the helper; without key support there is none. */
    syscall(SYS_keyctl, KEYCTL_JOIN_SESSION_KEYRING, NULL);
    /* Only now, since a change of ids clears it; the supervisor may have died before. */
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != supervisor)
        stage_failed(control, STAGE_FORK, ESRCH);
    syscall(SYS_rt_sigprocmask, SIG_SETMASK, nothing_blocked, NULL, (size_t)_NSIG / 8);
    execve(launch->program, (char *const *)launch->arguments, no_environment);
    stage_failed(control, STAGE_EXEC, errno);
}
