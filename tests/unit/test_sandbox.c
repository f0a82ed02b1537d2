/*
 * The sandboxes, tried from inside: what each kind of process may do no more.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef XACCT_WITHOUT_SANDBOX
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

#include "helper/sandbox.h"

#define COUNT(array) (sizeof(array) / sizeof(array)[0])

/* What a child of the test found: an errno, or this. */
#define NOT_CLOSED 255

/* Runs `attempt` in a child in whose sandbox it is. Returns its result, an errno. */
static int in_child(int (*close_sandbox)(void), int (*attempt)(void))
{
    pid_t child = fork();
    int status;

    if (child == 0) {
        if (sandbox_prepare() != 0 || (close_sandbox != NULL && close_sandbox() != 0))
            _exit(NOT_CLOSED);
        _exit(attempt());
    }
    assert_int_not_equal(child, -1);
    assert_int_equal(waitpid(child, &status, 0), child);
    if (!WIFEXITED(status))
        fail_msg("the child ended by signal %d", WTERMSIG(status));
    return WEXITSTATUS(status);
}

static int see_no_core(void)
{
    struct rlimit limit;

    return getrlimit(RLIMIT_CORE, &limit) == 0 && limit.rlim_cur == 0 && limit.rlim_max == 0 &&
                   prctl(PR_GET_DUMPABLE) == 0 && prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1 &&
                   umask(0) == 077
               ? 0
               : EINVAL;
}

static void the_process_leaves_no_core_and_gains_no_privilege(void **state)
{
    (void)state;
    assert_int_equal(in_child(NULL, see_no_core), 0);
}

static bool descriptors_are_limited(unsigned before, unsigned most, unsigned expected)
{
    struct rlimit limit = {before, before};

    if (setrlimit(RLIMIT_NOFILE, &limit) != 0)
        return false;
    sandbox_limit_descriptors(most);
    return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur == expected &&
           limit.rlim_max == expected;
}

static int limit_descriptors(void)
{
    /* The lower ones last, as a limit only goes down. */
    return descriptors_are_limited(1024, 512, 512) && descriptors_are_limited(256, 8192, 256)
               ? 0
               : EINVAL;
}

static void descriptors_are_limited_and_never_beyond_the_hard_limit(void **state)
{
    (void)state;
    /* valgrind keeps descriptors for itself and refuses other hard limits. */
    if (!RUNNING_ON_VALGRIND)
        assert_int_equal(in_child(NULL, limit_descriptors), 0);
}

#ifndef XACCT_WITHOUT_SANDBOX

/* Stands for /etc/xacct: readable for the helper and for nobody else. */
static char folder[] = "/tmp/xacct-sandbox-XXXXXX";
static char policy[sizeof folder + sizeof "/xacct.conf"];

static int close_helper(void)
{
    const char *readable[] = {folder, NULL}, *writable[] = {NULL};

    return sandbox_close_helper(readable, writable);
}

/* A look-up process as the forker makes it. Returns in the child; the forker ends as it does. */
static int close_forked(void)
{
    int status;
    pid_t child;

    if (sandbox_close_forker() != 0)
        return EINVAL;
    child = fork();
    if (child == 0)
        return sandbox_close_forked();
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        _exit(NOT_CLOSED);
    _exit(WEXITSTATUS(status));
}

/* A module as it is loaded: within what is closed to all that runs outside. */
static int close_module(void)
{
    int error = sandbox_close_outside();

    return error != 0 ? error : sandbox_close_module();
}

static int ended(pid_t child)
{
    if (child < 0)
        return errno;
    if (child == 0)
        _exit(0);
    while (waitpid(child, NULL, 0) < 0 && errno == EINTR)
        continue;
    return 0;
}

static int fork_by_libc(void)
{
    return ended(fork());
}

static int fork_by_clone(void)
{
    return ended((pid_t)syscall(SYS_clone, SIGCHLD, 0, 0, 0, 0));
}

#ifdef SYS_fork
static int fork_by_fork(void)
{
    return ended((pid_t)syscall(SYS_fork));
}
#endif

static int clone_user_namespace(void)
{
    return ended((pid_t)syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0));
}

static int clone_parents_child(void)
{
    return ended((pid_t)syscall(SYS_clone, CLONE_PARENT | SIGCHLD, 0, 0, 0, 0));
}

static int clone3_process(void)
{
    /* No arguments at all: what is asked is whether it is the filter that answers. */
    return syscall(SYS_clone3, NULL, 0) < 0 ? errno : 0;
}

static int execute(void)
{
    char *arguments[] = {(char *)"true", NULL};

    execv("/bin/true", arguments);
    return errno;
}

static int unshare_users(void)
{
    return unshare(CLONE_NEWUSER) != 0 ? errno : 0;
}

static int enter_namespace(void)
{
    return setns(STDIN_FILENO, 0) != 0 ? errno : 0;
}

static int trace(void)
{
    return ptrace(PTRACE_TRACEME, 0, NULL, NULL) != 0 ? errno : 0;
}

static int mount_something(void)
{
    /* Nowhere, should it be allowed after all. */
    return mount(NULL, "/no/such/folder", "tmpfs", 0, NULL) != 0 ? errno : 0;
}

static int change_root(void)
{
    return chroot("/") != 0 ? errno : 0;
}

static int read_memory(void)
{
    char byte;
    struct iovec ours = {&byte, 1}, others = {&byte, 1};

    return process_vm_readv(getppid(), &ours, 1, &others, 1, 0) < 0 ? errno : 0;
}

static int load_bpf(void)
{
    return syscall(SYS_bpf, 0, NULL, 0) < 0 ? errno : 0;
}

static int load_kernel(void)
{
    return syscall(SYS_kexec_load, 0, ~0UL, NULL, 0) < 0 ? errno : 0;
}

static int packet_socket(void)
{
    return socket(AF_PACKET, SOCK_DGRAM, 0) < 0 ? errno : 0;
}

static int make_dumpable(void)
{
    return prctl(PR_SET_DUMPABLE, 1) != 0 ? errno : 0;
}

static int raw_socket(void)
{
    return socket(AF_INET, SOCK_RAW, 1) < 0 ? errno : 0;
}

static int terminate(void)
{
    /* No process that there could be. */
    return kill(0x7ffffffe, SIGTERM) != 0 ? errno : 0;
}

static int kill_nobody(void)
{
    return kill(0x7ffffffe, SIGKILL) != 0 ? errno : 0;
}

static int open_pidfd(void)
{
    return syscall(SYS_pidfd_open, getpid(), 0) < 0 ? errno : 0;
}

static int signal_by_pidfd(void)
{
    return syscall(SYS_pidfd_send_signal, -1, SIGKILL, NULL, 0) < 0 ? errno : 0;
}

static int read_file(const char *path)
{
    return open(path, O_RDONLY | O_CLOEXEC) < 0 ? errno : 0;
}

static int read_policy(void)
{
    return read_file(policy);
}

static int read_something_in_etc(void)
{
    return read_file("/etc/debian_version");
}

static int read_groups(void)
{
    return read_file("/etc/group");
}

static int write_file(void)
{
    return open(policy, O_WRONLY | O_CLOEXEC) < 0 ? errno : 0;
}

static void *nothing(void *argument)
{
    return argument;
}

static int make_thread(void)
{
    pthread_t thread;
    int error = pthread_create(&thread, NULL, nothing, NULL);

    return error != 0 ? error : pthread_join(thread, NULL);
}

enum { HELPER, LOOKUP, FORKER, FORKED, OUTSIDE, MODULE, KINDS };

static const struct {
    const char *name;
    int (*close_sandbox)(void);
} kinds[KINDS] = {
    [HELPER] = {"the helper", close_helper},
    [LOOKUP] = {"a look-up process", sandbox_close_lookup},
    [FORKER] = {"the forker", sandbox_close_forker},
    [FORKED] = {"a look-up process that was forked", close_forked},
    [OUTSIDE] = {"a program outside", sandbox_close_outside},
    [MODULE] = {"a PKCS#11 module", close_module},
};

/* The errno that each gets, or 0. */
static const struct {
    const char *name;
    int (*attempt)(void);
    int expected[KINDS];
} attempts[] = {
    {"fork", fork_by_libc, {EPERM, EPERM, 0, EPERM, 0, 0}},
    {"fork, by clone", fork_by_clone, {EPERM, EPERM, 0, EPERM, 0, 0}},
#ifdef SYS_fork
    {"fork, the system call", fork_by_fork, {EPERM, EPERM, EPERM, EPERM, 0, 0}},
#endif
    {"a user namespace", clone_user_namespace, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"a child of its parent", clone_parents_child, {EPERM, EPERM, EPERM, EPERM, 0, 0}},
    {"clone3", clone3_process, {ENOSYS, ENOSYS, ENOSYS, ENOSYS, ENOSYS, ENOSYS}},
    {"execute", execute, {EPERM, EPERM, EPERM, EPERM, 0, EPERM}},
    {"unshare", unshare_users, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"setns", enter_namespace, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"be traced", trace, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"be dumpable", make_dumpable, {EPERM, EPERM, EPERM, EPERM, 0, 0}},
    {"a raw socket", raw_socket, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"terminate another", terminate, {EPERM, EPERM, EPERM, EPERM, ESRCH, ESRCH}},
    {"kill by id", kill_nobody, {ESRCH, EPERM, EPERM, EPERM, ESRCH, ESRCH}},
    {"a pidfd", open_pidfd, {0, EPERM, 0, EPERM, 0, 0}},
    {"kill by pidfd", signal_by_pidfd, {EBADF, EPERM, EPERM, EPERM, EBADF, EBADF}},
    {"read the policy", read_policy, {0, EACCES, EACCES, EACCES, 0, 0}},
    {"read what lies in /etc", read_something_in_etc, {0, EACCES, 0, EACCES, 0, 0}},
    {"read /etc/group", read_groups, {0, 0, 0, 0, 0, 0}},
    {"write where it may read", write_file, {EACCES, EACCES, EACCES, EACCES, 0, 0}},
    {"mount", mount_something, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"change the root", change_root, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"read another's memory", read_memory, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"a program for the kernel", load_bpf, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"another kernel", load_kernel, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"packets of all", packet_socket, {EPERM, EPERM, EPERM, EPERM, EAFNOSUPPORT, EAFNOSUPPORT}},
    {"a thread", make_thread, {0, 0, 0, 0, 0, 0}},
};

static void each_process_may_do_what_it_needs_and_no_more(void **state)
{
    size_t i, kind;
    int wrong = 0;

    (void)state;
    for (i = 0; i < COUNT(attempts); i++)
        for (kind = 0; kind < KINDS; kind++) {
            int found = in_child(kinds[kind].close_sandbox, attempts[i].attempt);

            if (found == attempts[i].expected[kind])
                continue;
            print_error("%s: %s: expected \"%s\", found \"%s\"\n", kinds[kind].name,
                        attempts[i].name, strerror(attempts[i].expected[kind]), strerror(found));
            wrong++;
        }
    assert_int_equal(wrong, 0);
}

static int make_policy(void **state)
{
    FILE *file;

    (void)state;
    if (mkdtemp(folder) == NULL)
        return -1;
    snprintf(policy, sizeof policy, "%s/xacct.conf", folder);
    file = fopen(policy, "we");
    return file != NULL ? fclose(file) : -1;
}

static int remove_policy(void **state)
{
    (void)state;
    return unlink(policy) == 0 ? rmdir(folder) : -1;
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_process_leaves_no_core_and_gains_no_privilege),
        cmocka_unit_test(descriptors_are_limited_and_never_beyond_the_hard_limit),
#ifndef XACCT_WITHOUT_SANDBOX
        cmocka_unit_test_setup_teardown(each_process_may_do_what_it_needs_and_no_more, make_policy,
                                        remove_policy),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
