/*
 * A task loop, tasks that wait, and the story of what they did, for the tests of tasks. To be
 * included after cmocka.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_TASK_RIG_H
#define XACCT_TESTS_TASK_RIG_H

#include <string.h>
#include <unistd.h>

#include "helper/task.h"

#define LONG_MS 20000 /* for what must happen at all */

/* What happened, a letter each. */
static char story[64];

static inline void tell(char letter)
{
    size_t length = strlen(story);

    if (length + 1 < sizeof story) {
        story[length] = letter;
        story[length + 1] = '\0';
    }
}

static inline bool all_have_ended(void *argument)
{
    (void)argument;
    return task_count() == 0;
}

/* Runs the loop until no task is left. */
static inline void run(void)
{
    /* A loop that sleeps for ever fails the program, and does not stop the tests. */
    alarm(60);
    assert_int_equal(task_loop_run(all_have_ended, NULL), 0);
    alarm(0);
    assert_int_equal(task_count(), 0);
    assert_false(task_is_running());
}

static inline int open_loop(void **state)
{
    (void)state;
    story[0] = '\0';
    return task_loop_open();
}

static inline int close_loop(void **state)
{
    (void)state;
    task_loop_close();
    return 0;
}

/* A task in a queue, or a descriptor's: what it is called, how long it waits, and how that ended.
 */
struct waiter {
    char name;
    struct task_queue *queue;
    int fd;
    short events;
    int ms;
    int result;
};

static inline void wait_in_queue(void *argument)
{
    struct waiter *waiter = argument;

    waiter->result = task_wait(waiter->queue, deadline_in_ms(waiter->ms));
    tell(waiter->name);
}

static inline void start(void (*body)(void *argument), void *argument)
{
    assert_int_equal(task_start(body, argument), 0);
}

#define LOOP_TEST(test) cmocka_unit_test_setup_teardown(test, open_loop, close_loop)

#endif
