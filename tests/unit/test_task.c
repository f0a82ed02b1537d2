/*
 * Tasks: who runs when, and what a wait ends with; what they wait for here is each other, or time.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <poll.h>

#include "task_rig.h"

static struct task_queue queue;

static void run_and_tell(void *argument)
{
    tell(*(const char *)argument);
    tell(task_is_running() ? '+' : '-');
}

static void tasks_begin_in_their_order_and_the_loop_ends_with_the_last(void **state)
{
    (void)state;
    start(run_and_tell, (void *)"a");
    start(run_and_tell, (void *)"b");
    start(run_and_tell, (void *)"c");
    assert_int_equal(task_count(), 3);
    assert_string_equal(story, "");
    run();
    assert_string_equal(story, "a+b+c+");
}

static void start_another(void *argument)
{
    tell('a');
    (void)task_start(run_and_tell, argument);
    tell('b');
}

static void a_task_that_is_started_by_one_runs_after_it(void **state)
{
    (void)state;
    start(start_another, (void *)"c");
    run();
    assert_string_equal(story, "abc+");
}

static void wake_one_and_go_on(void *argument)
{
    (void)argument;
    task_wake_one(&queue);
    tell('1');
    task_wake_all(&queue);
    tell('2');
    /* Nobody is left to be woken. */
    task_wake_one(&queue);
    task_wake_all(&queue);
}

static void those_who_wait_go_on_in_their_order_once_the_waker_gives_way(void **state)
{
    struct waiter waiters[] = {{'a', &queue, -1, 0, LONG_MS, -1},
                               {'b', &queue, -1, 0, LONG_MS, -1},
                               {'c', &queue, -1, 0, LONG_MS, -1}};
    size_t i;

    (void)state;
    for (i = 0; i < 3; i++)
        start(wait_in_queue, &waiters[i]);
    start(wake_one_and_go_on, NULL);
    run();
    assert_string_equal(story, "12abc");
    for (i = 0; i < 3; i++)
        assert_int_equal(waiters[i].result, 0);
}

static void deadlines_pass_in_their_order_whatever_the_order_of_waiting(void **state)
{
    struct waiter waiters[] = {
        {'c', &queue, -1, 0, 210, -1}, {'a', &queue, -1, 0, 10, -1}, {'b', &queue, -1, 0, 110, -1}};
    struct deadline last = deadline_in_ms(210);
    size_t i;

    (void)state;
    for (i = 0; i < 3; i++)
        start(wait_in_queue, &waiters[i]);
    run();
    assert_string_equal(story, "abc");
    assert_int_equal(deadline_left_ms(last), 0);
    for (i = 0; i < 3; i++)
        assert_int_equal(waiters[i].result, ETIMEDOUT);
    assert_null(queue.first);
}

static void wake_later(void *argument)
{
    struct task_queue nobody = {NULL, NULL};

    (void)argument;
    task_wait(&nobody, deadline_in_ms(160));
    task_wake_one(&queue);
    tell('w');
}

static void who_gave_up_waiting_is_woken_no_more_and_the_next_one_is(void **state)
{
    struct waiter waiters[] = {{'a', &queue, -1, 0, LONG_MS, -1},
                               {'b', &queue, -1, 0, 1, -1},
                               {'c', &queue, -1, 0, 80, -1},
                               {'d', &queue, -1, 0, LONG_MS, -1}};
    size_t i;

    (void)state;
    /* From the middle, from the end and from the front of the queue. */
    start(wait_in_queue, &waiters[1]);
    start(wait_in_queue, &waiters[0]);
    start(wait_in_queue, &waiters[2]);
    start(wake_later, NULL);
    run();
    assert_string_equal(story, "bcwa");
    story[0] = '\0';
    for (i = 0; i < 4; i++)
        start(wait_in_queue, &waiters[i]);
    start(wake_later, NULL);
    start(wake_later, NULL);
    run();
    assert_string_equal(story, "bcwwad");
}

static void pause_once(void *argument)
{
    tell('a');
    task_pause(0);
    tell('c');
    task_pause(*(const int *)argument);
    tell('e');
}

static void tell_what_comes_between(void *argument)
{
    (void)argument;
    tell('b');
    task_pause(1);
    tell('d');
}

static void a_pause_lets_others_have_their_turn_and_lasts_as_long_as_it_says(void **state)
{
    int ms = 40;
    struct deadline deadline;

    (void)state;
    start(pause_once, &ms);
    start(tell_what_comes_between, NULL);
    deadline = deadline_in_ms(ms);
    run();
    assert_string_equal(story, "abcde");
    assert_int_equal(deadline_left_ms(deadline), 0);
    /* Outside a task too. */
    deadline = deadline_in_ms(5);
    task_pause(0);
    task_pause(5);
    assert_int_equal(deadline_left_ms(deadline), 0);
}

static int slept_fd, slept_ms, sleeps;

/* As one that has descriptors of its own, and comes back before the time. */
static void sleep_briefly(int fd, int timeout_ms)
{
    struct pollfd waited = {.fd = fd, .events = POLLIN};

    slept_fd = fd;
    slept_ms = timeout_ms;
    sleeps++;
    poll(&waited, 1, timeout_ms < 0 || timeout_ms > 5 ? 5 : timeout_ms);
}

static void another_sleeper_may_come_back_early(void **state)
{
    struct waiter waiter = {'a', &queue, -1, 0, 40, -1};
    struct deadline deadline = deadline_in_ms(40);

    (void)state;
    task_set_sleeper(sleep_briefly);
    start(wait_in_queue, &waiter);
    run();
    assert_int_equal(waiter.result, ETIMEDOUT);
    assert_int_equal(deadline_left_ms(deadline), 0);
    assert_true(slept_fd >= 0 && slept_ms >= 0 && slept_ms <= 40);
    assert_true(sleeps > 1);
}

static bool has_passed(void *argument)
{
    return deadline_left_ms(*(const struct deadline *)argument) == 0;
}

static void the_loop_looks_up_when_it_was_told_to_though_nothing_happens(void **state)
{
    struct waiter waiter = {'a', &queue, -1, 0, LONG_MS, -1};
    struct deadline deadline = deadline_in_ms(30), late = deadline_in_ms(LONG_MS / 2);

    (void)state;
    start(wait_in_queue, &waiter);
    task_loop_look_up(deadline);
    alarm(60);
    assert_int_equal(task_loop_run(has_passed, &deadline), 0);
    assert_true(deadline_left_ms(late) > 0);
    assert_int_equal(task_count(), 1);
    task_wake_all(&queue);
    run();
    assert_int_equal(waiter.result, 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOOP_TEST(tasks_begin_in_their_order_and_the_loop_ends_with_the_last),
        LOOP_TEST(a_task_that_is_started_by_one_runs_after_it),
        LOOP_TEST(those_who_wait_go_on_in_their_order_once_the_waker_gives_way),
        LOOP_TEST(deadlines_pass_in_their_order_whatever_the_order_of_waiting),
        LOOP_TEST(who_gave_up_waiting_is_woken_no_more_and_the_next_one_is),
        LOOP_TEST(a_pause_lets_others_have_their_turn_and_lasts_as_long_as_it_says),
        LOOP_TEST(another_sleeper_may_come_back_early),
        LOOP_TEST(the_loop_looks_up_when_it_was_told_to_though_nothing_happens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
