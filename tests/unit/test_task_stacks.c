/*
 * Stacks of tasks: each has its own, one that overflows harms no other, and what a task leaves on
 * its own is gone when it has ended.
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
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>

#include "task_rig.h"

#define DEEP      ((size_t)160 * 1024) /* bytes of its stack that a task fills */
#define FLAT      ((size_t)1024)
#define SOME      ((size_t)32 * 1024)
#define SECRET    0xa5
#define TASKS     12 /* at once: more than there are stacks kept for */
#define FOLLOWING 64
#define TASKS_MAX 1024

/* What one task has filled. */
struct filled {
    size_t size;
    uintptr_t at;
};

static void fill(struct filled *filled, volatile unsigned char *bytes)
{
    struct task_queue nobody = {NULL, NULL};
    size_t i;

    for (i = 0; i < filled->size; i++)
        bytes[i] = SECRET;
    filled->at = (uintptr_t)bytes;
    /* Others fill theirs meanwhile. */
    task_wait(&nobody, deadline_in_ms(1));
}

static void fill_much(void *argument)
{
    volatile unsigned char bytes[DEEP];

    fill(argument, bytes);
}

#ifndef XACCT_WITHOUT_SANDBOX
static void fill_some(void *argument)
{
    volatile unsigned char bytes[SOME];

    fill(argument, bytes);
}
#endif

static void fill_little(void *argument)
{
    volatile unsigned char bytes[FLAT];

    fill(argument, bytes);
}

/*
 * How many of these bytes are still there. Read by the kernel, as the memory may be nobody's by
 * now, and where it is somebody's nobody has written to it.
 */
static size_t count_left(const struct filled *filled)
{
    unsigned char *bytes = calloc(1, filled->size);
    int memory = open("/proc/self/mem", O_RDONLY | O_CLOEXEC);
    ssize_t length;
    size_t left = 0, i;

    assert_non_null(bytes);
    assert_true(memory >= 0);
    length = pread(memory, bytes, filled->size, (off_t)filled->at);
    for (i = 0; length > 0 && i < (size_t)length; i++)
        left += bytes[i] == SECRET;
    close(memory);
    free(bytes);
    return left;
}

/* So many tasks at once, twice, as the later ones may get the earlier ones' stacks. */
static void run_tasks(void (*body)(void *argument), size_t size)
{
    struct filled filled[TASKS];
    int round, i;

    for (round = 0; round < 2; round++) {
        for (i = 0; i < TASKS; i++) {
            filled[i] = (struct filled){.size = size};
            start(body, &filled[i]);
        }
        run();
        for (i = 0; i < TASKS; i++) {
            assert_int_not_equal(filled[i].at, 0);
            /* A few bytes may be like that by chance. */
            assert_in_range(count_left(&filled[i]), 0, size / 64);
        }
    }
}

static void nothing_is_left_of_what_a_task_had_on_its_stack(void **state)
{
    (void)state;
    run_tasks(fill_little, FLAT);
}

static void nothing_is_left_of_what_a_task_had_deep_in_its_stack(void **state)
{
    (void)state;
    run_tasks(fill_much, DEEP);
}

#ifndef XACCT_WITHOUT_SANDBOX
/* The faults are those of this thread alone. */
static long page_faults(void)
{
    struct rusage usage;

    assert_int_equal(getrusage(RUSAGE_THREAD, &usage), 0);
    return usage.ru_minflt;
}

static void run_one(struct filled *filled)
{
    start(fill_some, filled);
    run();
}

static void tasks_that_follow_each_other_have_no_new_pages(void **state)
{
    struct filled filled = {.size = SOME};
    long before;
    int i;

    (void)state;
    run_one(&filled);
    before = page_faults();
    for (i = 0; i < FOLLOWING; i++)
        run_one(&filled);
    assert_true(page_faults() - before < FOLLOWING);
}
#endif

/* Fills a part of its stack, gives way, and looks whether all of it is as it was. */
static void keep_a_stack_of_its_own(void *argument)
{
    volatile unsigned char mine[32 * 1024];
    struct task_queue nobody = {NULL, NULL};
    int *spoilt = argument, round;
    unsigned char mark = (unsigned char)(uintptr_t)&mine[0] ^ (unsigned char)task_count();
    size_t i;

    for (round = 0; round < 2; round++) {
        for (i = 0; i < sizeof mine; i += 64)
            mine[i] = (unsigned char)(mark + round);
        task_wait(&nobody, deadline_in_ms(1));
        for (i = 0; i < sizeof mine; i += 64)
            *spoilt += mine[i] != (unsigned char)(mark + round);
    }
}

static void there_are_many_tasks_and_not_one_too_many(void **state)
{
    int spoilt = 0, round, i;

    (void)state;
    /* Twice, as what ended makes room. */
    for (round = 0; round < 2; round++) {
        for (i = 0; i < TASKS_MAX; i++)
            start(keep_a_stack_of_its_own, &spoilt);
        assert_int_equal(task_start(keep_a_stack_of_its_own, &spoilt), EAGAIN);
        assert_int_equal(task_count(), TASKS_MAX);
        run();
        assert_int_equal(spoilt, 0);
    }
}

/* Uses more and more of the stack. */
__attribute__((noinline)) static unsigned overflow(unsigned depth)
{
    volatile unsigned char used[1024];

    used[0] = (unsigned char)depth;
    used[sizeof used - 1] = used[0];
    return depth == 0 ? 0 : overflow(depth - 1) + used[sizeof used - 1];
}

static void use_up_the_stack(void *argument)
{
    (void)argument;
    (void)overflow(100 * 1024);
}

static void a_stack_that_overflows_ends_the_process(void **state)
{
    pid_t child = fork();
    int status;

    (void)state;
    if (child == 0) {
        /* What a sanitizer or valgrind has to say of it is not for the test's output. */
        close(STDERR_FILENO);
        if (task_start(use_up_the_stack, NULL) == 0)
            task_loop_run(all_have_ended, NULL);
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_false(WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOOP_TEST(nothing_is_left_of_what_a_task_had_on_its_stack),
        LOOP_TEST(nothing_is_left_of_what_a_task_had_deep_in_its_stack),
#ifndef XACCT_WITHOUT_SANDBOX
        LOOP_TEST(tasks_that_follow_each_other_have_no_new_pages),
#endif
        LOOP_TEST(there_are_many_tasks_and_not_one_too_many),
        LOOP_TEST(a_stack_that_overflows_ends_the_process),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
