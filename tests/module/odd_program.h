/*
 * Steps of login.c that make its program an odd one, as some are that call PAM: their signals,
 * descriptors, limits, folders and users.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_MODULE_ODD_PROGRAM_H
#define XACCT_TESTS_MODULE_ODD_PROGRAM_H

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* Ends the program, and says why with errno. */
static void fail(const char *what);

/* How many SIGCHLD have been seen by who reaps everything. */
static volatile sig_atomic_t sigchld_count;

static void reap_everything(int number)
{
    int before = errno;

    (void)number;
    sigchld_count++;
    while (waitpid(-1, NULL, WNOHANG) > 0)
        continue;
    errno = before;
}

static void step_sigchld(const char *value)
{
    struct sigaction action = {.sa_handler = SIG_IGN};

    if (strcmp(value, "reap") == 0)
        action.sa_handler = reap_everything;
    else if (strcmp(value, "nowait") == 0)
        action = (struct sigaction){.sa_handler = SIG_DFL, .sa_flags = SA_NOCLDWAIT};
    sigaction(SIGCHLD, &action, NULL);
}

static void step_odd_signals(const char *value)
{
    sigset_t some;
    int number;

    (void)value;
    for (number = SIGRTMIN; number <= SIGRTMAX; number += 2)
        signal(number, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    signal(SIGTERM, SIG_IGN);
    sigemptyset(&some);
    sigaddset(&some, SIGUSR1);
    sigaddset(&some, SIGHUP);
    sigaddset(&some, SIGCHLD);
    sigprocmask(SIG_SETMASK, &some, NULL);
}

static void nothing(int number)
{
    (void)number;
}

/* Interrupts every call that can be: a timer without SA_RESTART. */
static void step_interrupt(const char *value)
{
    struct sigaction action = {.sa_handler = nothing};
    const struct itimerspec often = {{0, 500000}, {0, 500000}};
    timer_t timer;

    (void)value;
    sigaction(SIGALRM, &action, NULL);
    if (timer_create(CLOCK_MONOTONIC, NULL, &timer) != 0 ||
        timer_settime(timer, 0, &often, NULL) != 0)
        fail("timer");
}

static void step_close_standard(const char *value)
{
    (void)value;
    close(0);
    close(1);
    close(2);
}

/* For ever, to whatever stands there: what goes to a standard descriptor is the program's own. */
static void *make_noise(void *unused)
{
    int fd;

    for (;;)
        for (fd = 0; fd < 3; fd++)
            (void)!write(fd, "noise", 5);
    return unused;
}

static void step_noise(const char *value)
{
    pthread_t thread;

    (void)value;
    signal(SIGPIPE, SIG_IGN);
    if (pthread_create(&thread, NULL, make_noise, NULL) != 0)
        fail("pthread_create");
}

/* Descriptors that a helper must not inherit, low and high. */
static void step_open_files(const char *value)
{
    int i;

    for (i = atoi(value); i > 0; i--)
        if (open("/dev/null", O_RDWR) < 0)
            fail("open");
}

static void lower_limit(int resource, rlim_t value)
{
    struct rlimit limit;

    if (getrlimit(resource, &limit) != 0)
        fail("getrlimit");
    limit.rlim_cur = value;
    if (setrlimit(resource, &limit) != 0)
        fail("setrlimit");
}

/* As pam_limits may have done it for the user; the hard limits stay. */
static void step_limits(const char *value)
{
    (void)value;
    lower_limit(RLIMIT_NPROC, 2);
    lower_limit(RLIMIT_NOFILE, 64);
    lower_limit(RLIMIT_FSIZE, 1 << 20);
    lower_limit(RLIMIT_MEMLOCK, 65536);
    lower_limit(RLIMIT_DATA, 1 << 30);
}

static void step_block_all(const char *value)
{
    sigset_t all;

    (void)value;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
}

static void step_mask(const char *value)
{
    (void)value;
    umask(0);
}

static void step_change_folder(const char *value)
{
    if (chdir(value) != 0)
        fail("chdir");
}

static void step_groups(const char *value)
{
    static const gid_t groups[] = {0, 4, 27};

    (void)value;
    if (setgroups(3, groups) != 0)
        fail("setgroups");
}

static void step_uid(const char *value)
{
    uid_t uid = (uid_t)atoi(value);

    if (setresuid(uid, uid, uid) != 0)
        fail("setresuid");
}

#endif
