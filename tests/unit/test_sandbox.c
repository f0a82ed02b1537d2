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
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef XACCT_WITHOUT_SANDBOX
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

#include "helper/sandbox.h"
#include "helper/sandbox_landlock.h"

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

#include "sandbox_files.h"

/* This process, in whose stead each of them would attack the helper. */
static pid_t outer;
static struct sockaddr_un without_path = {AF_UNIX, "\0xacct-sandbox"};

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

/* A program as its keeper starts it, within what is closed to all that runs outside. Returns in the
 * child; the keeper ends as it does.
 */
static int close_run(void)
{
    const char *closed[] = {policy, base, sessions, of_state, NULL};
    int status;
    pid_t child;

    if (sandbox_close_outside() != 0)
        return EINVAL;
    child = fork();
    if (child == 0)
        return sandbox_close_run(closed);
    if (child < 0 || waitpid(child, &status, 0) != child || !WIFEXITED(status))
        _exit(NOT_CLOSED);
    _exit(WEXITSTATUS(status));
}

/* A module as it is loaded, in such a process. */
static int close_module(void)
{
    int error = close_run();

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

static int read_outers_memory(void)
{
    char path[64];

    snprintf(path, sizeof path, "/proc/%d/mem", (int)outer);
    return read_file(path);
}

static int signal_outer(void)
{
    return kill(outer, 0) != 0 ? errno : 0;
}

static int signal_parent(void)
{
    return kill(getppid(), 0) != 0 ? errno : 0;
}

static int kill_own_child(void)
{
    pid_t child = fork();
    int error = 0;

    if (child < 0)
        return errno;
    if (child == 0) {
        pause();
        _exit(0);
    }
    if (kill(child, SIGKILL) != 0)
        error = errno;
    /* It ends with us where that failed. */
    if (error == 0)
        waitpid(child, NULL, 0);
    return error;
}

static int connect_without_path(void)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    if (fd < 0)
        return errno;
    return connect(fd, (const struct sockaddr *)&without_path, sizeof without_path) != 0 ? errno
                                                                                         : 0;
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

enum { HELPER, LOOKUP, FORKER, FORKED, OUTSIDE, RUN, MODULE, KINDS };

static const struct {
    const char *name;
    int (*close_sandbox)(void);
} kinds[KINDS] = {
    [HELPER] = {"the helper", close_helper},
    [LOOKUP] = {"a look-up process", sandbox_close_lookup},
    [FORKER] = {"the forker", sandbox_close_forker},
    [FORKED] = {"a look-up process that was forked", close_forked},
    [OUTSIDE] = {"who starts what runs outside", sandbox_close_outside},
    [RUN] = {"a program outside", close_run},
    [MODULE] = {"a PKCS#11 module", close_module},
};

/* EPERM, or 0 where the kernel knows no scopes. */
#define SCOPED (-1)

/* The errno that each gets, or 0. */
static const struct {
    const char *name;
    int (*attempt)(void);
    int expected[KINDS];
} attempts[] = {
    {"fork", fork_by_libc, {EPERM, EPERM, 0, EPERM, 0, 0, 0}},
    {"fork, by clone", fork_by_clone, {EPERM, EPERM, 0, EPERM, 0, 0, 0}},
#ifdef SYS_fork
    {"fork, the system call", fork_by_fork, {EPERM, EPERM, EPERM, EPERM, 0, 0, 0}},
#endif
    {"a user namespace", clone_user_namespace, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"a child of its parent", clone_parents_child, {EPERM, EPERM, EPERM, EPERM, 0, 0, 0}},
    {"clone3", clone3_process, {ENOSYS, ENOSYS, ENOSYS, ENOSYS, ENOSYS, ENOSYS, ENOSYS}},
    {"execute", execute, {EPERM, EPERM, EPERM, EPERM, 0, 0, EPERM}},
    {"unshare", unshare_users, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"setns", enter_namespace, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"be traced", trace, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"be dumpable", make_dumpable, {EPERM, EPERM, EPERM, EPERM, 0, 0, 0}},
    {"a raw socket", raw_socket, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"terminate another", terminate, {EPERM, EPERM, EPERM, EPERM, ESRCH, ESRCH, ESRCH}},
    {"kill by id", kill_nobody, {ESRCH, EPERM, EPERM, EPERM, ESRCH, ESRCH, ESRCH}},
    {"a pidfd", open_pidfd, {0, EPERM, 0, EPERM, 0, 0, 0}},
    {"kill by pidfd", signal_by_pidfd, {EBADF, EPERM, EPERM, EPERM, EBADF, EBADF, EBADF}},
    {"read the policy", read_policy, {0, EACCES, EACCES, EACCES, 0, EACCES, EACCES}},
    {"read what lies in /etc", read_something_in_etc, {0, EACCES, 0, EACCES, 0, 0, 0}},
    {"read /etc/group", read_groups, {0, 0, 0, 0, 0, 0, 0}},
    {"write where it may read", write_file, {EACCES, EACCES, EACCES, EACCES, 0, EACCES, EACCES}},
    {"mount", mount_something, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"change the root", change_root, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"read another's memory", read_memory, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"a program for the kernel", load_bpf, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"another kernel", load_kernel, {EPERM, EPERM, EPERM, EPERM, EPERM, EPERM, EPERM}},
    {"packets of all",
     packet_socket,
     {EPERM, EPERM, EPERM, EPERM, EAFNOSUPPORT, EAFNOSUPPORT, EAFNOSUPPORT}},
    {"a thread", make_thread, {0, 0, 0, 0, 0, 0, 0}},
    {"read the policy's backup",
     read_policys_backup,
     {0, EACCES, EACCES, EACCES, 0, EACCES, EACCES}},
    {"read base credentials", read_base, {0, EACCES, EACCES, EACCES, 0, EACCES, EACCES}},
    {"read a program's own file", read_own_file, {0, EACCES, EACCES, EACCES, 0, 0, 0}},
    {"read a session's record", read_record, {0, EACCES, EACCES, EACCES, 0, EACCES, EACCES}},
    {"read the last good policy", read_last_policy, {0, EACCES, EACCES, EACCES, 0, EACCES, EACCES}},
    {"read /etc/shadow", read_shadow, {0, EACCES, 0, EACCES, 0, 0, 0}},
    {"list a home folder", read_home, {EACCES, EACCES, EACCES, EACCES, 0, 0, 0}},
    {"make a session's record", make_session, {EACCES, EACCES, EACCES, EACCES, 0, EACCES, EACCES}},
    {"make a file of the state", make_state, {EACCES, EACCES, EACCES, EACCES, 0, EACCES, EACCES}},
    {"move a program's file", move_cached, {EACCES, EACCES, EACCES, EACCES, 0, 0, 0}},
    {"open another's memory",
     read_outers_memory,
     {EACCES, EACCES, EACCES, EACCES, EACCES, EACCES, EACCES}},
    {"signal another", signal_outer, {EPERM, EPERM, EPERM, EPERM, SCOPED, SCOPED, SCOPED}},
    {"signal its parent", signal_parent, {EPERM, EPERM, EPERM, EPERM, SCOPED, SCOPED, SCOPED}},
    {"kill its own child", kill_own_child, {EPERM, EPERM, EPERM, EPERM, 0, 0, 0}},
    {"connect without a path", connect_without_path, {SCOPED, SCOPED, SCOPED, SCOPED, 0, 0, 0}},
};

static void each_process_may_do_what_it_needs_and_no_more(void **state)
{
    size_t i, kind;
    int wrong = 0;

    (void)state;
    for (i = 0; i < COUNT(attempts); i++)
        for (kind = 0; kind < KINDS; kind++) {
            int found = in_child(kinds[kind].close_sandbox, attempts[i].attempt);
            int expected = attempts[i].expected[kind];

            if (expected == SCOPED)
                expected = sandbox_landlock_has_scopes() ? EPERM : 0;
            if (found == expected)
                continue;
            print_error("%s: %s: expected \"%s\", found \"%s\"\n", kinds[kind].name,
                        attempts[i].name, strerror(expected), strerror(found));
            wrong++;
        }
    assert_int_equal(wrong, 0);
}

static int set_up(void **state)
{
    int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

    (void)state;
    outer = getpid();
    if (bind(listener, (const struct sockaddr *)&without_path, sizeof without_path) != 0 ||
        listen(listener, 1024) != 0)
        return -1;
    return make_files();
}

static int tear_down(void **state)
{
    (void)state;
    return remove_files();
}

#endif

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_process_leaves_no_core_and_gains_no_privilege),
        cmocka_unit_test(descriptors_are_limited_and_never_beyond_the_hard_limit),
#ifndef XACCT_WITHOUT_SANDBOX
        cmocka_unit_test_setup_teardown(each_process_may_do_what_it_needs_and_no_more, set_up,
                                        tear_down),
#endif
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
