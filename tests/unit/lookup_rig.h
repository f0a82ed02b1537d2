/*
 * Look-up processes and their ids, for the tests of the pool. Comes after cmocka.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_LOOKUP_RIG_H
#define XACCT_TESTS_LOOKUP_RIG_H

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#ifdef XACCT_WITHOUT_SANDBOX
#include <valgrind/valgrind.h>
#else
#define RUNNING_ON_VALGRIND 0
#endif

#include "helper/lookup_pool.h"
#include "helper/task.h"

#define LONG_MS 20000 /* for what must happen at all */
#define MOST    256   /* look-up processes that there may be */

/* The pool of the test that runs. */
static struct lookup_pool pool;

static inline struct deadline in_time(void)
{
    return deadline_in_ms(LONG_MS);
}

/* The id of a look-up process of the forker's. */
static inline pid_t process_of(const struct lookup *lookup)
{
    char path[64], line[128];
    int pid = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/self/fdinfo/%d", lookup->pidfd);
    file = fopen(path, "re");
    assert_non_null(file);
    while (fgets(line, sizeof line, file) != NULL && strncmp(line, "Pid:", 4) != 0)
        continue;
    fclose(file);
    assert_int_equal(sscanf(line, "Pid: %d", &pid), 1);
    return pid;
}

/* The parent and the state of a process, or 0. */
static inline pid_t parent_of(pid_t pid, char *condition)
{
    char path[64];
    int parent = 0;
    FILE *file;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    file = fopen(path, "re");
    if (file == NULL)
        return 0;
    if (fscanf(file, "%*d (%*[^)]) %c %d", condition, &parent) != 2)
        parent = 0;
    fclose(file);
    return parent;
}

/* How many children `parent` has, zombies too. */
static inline size_t children_of(pid_t parent)
{
    DIR *folder = opendir("/proc");
    const struct dirent *entry;
    size_t count = 0;
    char condition;

    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL)
        count += parent_of(atoi(entry->d_name), &condition) == parent;
    closedir(folder);
    return count;
}

/* How many descriptors a process has. */
static inline size_t descriptors_of(pid_t pid)
{
    const struct dirent *entry;
    char path[64];
    DIR *folder;
    size_t count = 0;

    snprintf(path, sizeof path, "/proc/%d/fd", pid);
    folder = opendir(path);
    assert_non_null(folder);
    while ((entry = readdir(folder)) != NULL)
        count += entry->d_name[0] != '.';
    closedir(folder);
    return count;
}

/* Waits, in a task, until `parent` has so many children. */
static inline void wait_for_children(pid_t parent, size_t count)
{
    struct task_queue nobody = {NULL, NULL};
    struct deadline deadline = in_time();

    while (children_of(parent) != count) {
        assert_int_not_equal(deadline_left_ms(deadline), 0);
        task_wait(&nobody, deadline_in_ms(5));
    }
}

/* Waits until the process is gone: it may have no parent any more that reaps it. */
static inline void wait_for_end(pid_t pid)
{
    struct deadline deadline = in_time();
    char condition = 0;

    while (parent_of(pid, &condition) != 0 && condition != 'Z')
        assert_int_not_equal(deadline_left_ms(deadline), 0);
}

static inline struct lookup *take(void)
{
    struct lookup *lookup;

    assert_int_equal(lookup_pool_take(&pool, false, in_time(), &lookup), 0);
    assert_non_null(lookup);
    return lookup;
}

static struct lookup *taken[MOST];
static size_t taken_count;

static inline void take_one(void *argument)
{
    struct lookup *lookup = take();

    (void)argument;
    taken[taken_count++] = lookup;
}

/* Takes as many as there may be, at once. */
static inline void take_most(void)
{
    struct task_queue nobody = {NULL, NULL};
    size_t i;

    taken_count = 0;
    for (i = 0; i < MOST; i++)
        assert_int_equal(task_start(take_one, NULL), 0);
    while (taken_count < MOST)
        task_wait(&nobody, deadline_in_ms(1));
}

/* Has a process look up a user who does not exist, for whom it must be asked each time. */
static inline enum lookup_outcome look_up(struct lookup *lookup, int ms)
{
    struct user user;
    char why[1024];

    return lookup_user(lookup, "no-such-user", deadline_in_ms(ms), &user, why, sizeof why);
}

static inline bool no_task_is_left(void *argument)
{
    (void)argument;
    return task_count() == 0;
}

static inline void run_task(void *argument)
{
    void (*const *run)(void) = argument;

    (*run)();
}

/* Runs `run` as a task, with a pool for many, until all tasks have ended. */
static inline void with_pool(void (*run)(void))
{
    const size_t descriptors = descriptors_of(getpid());

    assert_int_equal(task_loop_open(), 0);
    assert_int_equal(lookup_pool_open(&pool, true), 0);
    assert_int_equal(task_start(run_task, &run), 0);
    assert_int_equal(task_loop_run(no_task_is_left, NULL), 0);
    lookup_pool_close(&pool);
    task_loop_close();
    assert_int_equal(descriptors_of(getpid()), descriptors);
    /* The forker is reaped, and nothing else is a child of ours. */
    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
}

/*
 * Runs the tests of a group. valgrind 3.19 does not know pidfd_open, so what needs the forker does
 * not run under it; AddressSanitizer sees it.
 */
#define RUN_WITH_FORKER(tests) (RUNNING_ON_VALGRIND ? 0 : cmocka_run_group_tests(tests, NULL, NULL))

#endif
