/*
 * Tasks: who runs when, what a wait ends with, and that no task can harm another's.
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
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "common/frame.h"
#include "helper/task.h"

#define LONG_MS   20000 /* for what must happen at all */
#define TASKS_MAX 1024
#define FRAME     ((size_t)60 * 1024) /* more than a socket's buffer, as it is set here */

/* What happened, a letter each. */
static char story[64];

static void tell(char letter)
{
    size_t length = strlen(story);

    if (length + 1 < sizeof story) {
        story[length] = letter;
        story[length + 1] = '\0';
    }
}

static bool all_have_ended(void *argument)
{
    (void)argument;
    return task_count() == 0;
}

/* Runs the loop until no task is left. */
static void run(void)
{
    /* A loop that sleeps for ever fails the program, and does not stop the tests. */
    alarm(60);
    assert_int_equal(task_loop_run(all_have_ended, NULL), 0);
    alarm(0);
    assert_int_equal(task_count(), 0);
    assert_false(task_is_running());
}

static int open_loop(void **state)
{
    (void)state;
    story[0] = '\0';
    return task_loop_open();
}

static int close_loop(void **state)
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

static void wait_in_queue(void *argument)
{
    struct waiter *waiter = argument;

    waiter->result = task_wait(waiter->queue, deadline_in_ms(waiter->ms));
    tell(waiter->name);
}

static void wait_for_descriptor(void *argument)
{
    struct waiter *waiter = argument;

    waiter->result = task_wait_fd(waiter->fd, waiter->events, deadline_in_ms(waiter->ms));
    tell(waiter->name);
}

static void start(void (*body)(void *argument), void *argument)
{
    assert_int_equal(task_start(body, argument), 0);
}

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

static struct task_queue queue;

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

static void make_pair(int pair[2])
{
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0, pair), 0);
}

static void write_byte(void *argument)
{
    (void)!write(*(int *)argument, "x", 1);
}

static void close_end(void *argument)
{
    close(*(int *)argument);
    *(int *)argument = -1;
}

static void a_wait_for_a_descriptor_ends_with_what_it_waits_for(void **state)
{
    static const struct {
        short events;
        void (*what)(void *argument);
        int ms;
        int result;
    } cases[] = {
        {POLLIN, write_byte, LONG_MS, 0}, {POLLIN, close_end, LONG_MS, 0},
        {POLLIN, NULL, 5, ETIMEDOUT},     {POLLOUT, NULL, LONG_MS, 0},
        {POLLOUT, close_end, LONG_MS, 0},
    };
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        int pair[2];
        struct waiter waiter = {'a', NULL, -1, cases[i].events, cases[i].ms, -1};

        make_pair(pair);
        waiter.fd = pair[0];
        start(wait_for_descriptor, &waiter);
        if (cases[i].what != NULL)
            start(cases[i].what, &pair[1]);
        run();
        assert_int_equal(waiter.result, cases[i].result);
        /* Nothing of the wait is left: the descriptor can be waited for anew. */
        start(wait_for_descriptor, &waiter);
        run();
        assert_int_equal(waiter.result, cases[i].result);
        close(pair[0]);
        if (pair[1] >= 0)
            close(pair[1]);
    }
}

static void a_descriptor_that_cannot_be_waited_for_is_an_error_at_once(void **state)
{
    struct waiter waiter = {'a', NULL, -1, POLLIN, LONG_MS, -1};

    (void)state;
    start(wait_for_descriptor, &waiter);
    run();
    assert_int_equal(waiter.result, EBADF);
}

static void outside_a_task_a_wait_blocks(void **state)
{
    int pair[2];

    (void)state;
    make_pair(pair);
    assert_int_equal(task_wait_fd(pair[0], POLLIN, deadline_in_ms(5)), ETIMEDOUT);
    write_byte(&pair[1]);
    assert_int_equal(task_wait_fd(pair[0], POLLIN, deadline_in_ms(LONG_MS)), 0);
    close(pair[0]);
    close(pair[1]);
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

/* Two watchers, whose descriptors are ready at once, and a task that ends when one was called. */
struct watchers {
    struct task_watcher items[2];
    int pairs[2][2];
    int calls;
};

static void unwatch_both(void *argument)
{
    struct watchers *watchers = argument;

    watchers->calls++;
    task_unwatch(&watchers->items[0]);
    task_unwatch(&watchers->items[1]);
    /* What is called after this would be called with this. */
    memset(watchers->items, 0xff, sizeof watchers->items);
    task_wake_all(&queue);
}

static void a_watcher_that_another_ends_is_called_no_more(void **state)
{
    struct watchers watchers = {.calls = 0};
    struct waiter waiters[] = {{'a', &queue, -1, 0, LONG_MS, -1}, {'b', NULL, -1, POLLIN, 5, -1}};
    size_t i;

    (void)state;
    for (i = 0; i < 2; i++) {
        make_pair(watchers.pairs[i]);
        write_byte(&watchers.pairs[i][1]);
        watchers.items[i] = (struct task_watcher){unwatch_both, &watchers, watchers.pairs[i][0]};
        assert_int_equal(task_watch(&watchers.items[i]), 0);
    }
    start(wait_in_queue, &waiters[0]);
    run();
    assert_int_equal(watchers.calls, 1);
    /* Nor later: another wait goes by without it. */
    start(wait_in_queue, &(struct waiter){'c', &queue, -1, 0, 20, -1});
    run();
    assert_int_equal(watchers.calls, 1);
    for (i = 0; i < 2; i++) {
        close(watchers.pairs[i][0]);
        close(watchers.pairs[i][1]);
    }
}

static void read_and_count(void *argument)
{
    struct watchers *watchers = argument;
    char byte;

    watchers->calls += (int)read(watchers->pairs[0][0], &byte, 1);
    if (watchers->calls == 3)
        task_wake_all(&queue);
}

static void write_thrice(void *argument)
{
    const struct watchers *watchers = argument;
    struct task_queue nobody = {NULL, NULL};
    int i;

    for (i = 0; i < 3; i++) {
        (void)!write(watchers->pairs[0][1], "x", 1);
        task_wait(&nobody, deadline_in_ms(2));
    }
}

static void a_watcher_is_called_each_time_until_it_ends(void **state)
{
    struct watchers watchers = {.calls = 0};
    struct waiter waiter = {'a', &queue, -1, 0, LONG_MS, -1};

    (void)state;
    make_pair(watchers.pairs[0]);
    watchers.items[0] = (struct task_watcher){read_and_count, &watchers, watchers.pairs[0][0]};
    assert_int_equal(task_watch(&watchers.items[0]), 0);
    start(write_thrice, &watchers);
    start(wait_in_queue, &waiter);
    run();
    assert_int_equal(waiter.result, 0);
    task_unwatch(&watchers.items[0]);
    close(watchers.pairs[0][0]);
    close(watchers.pairs[0][1]);
}

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

/* The two ends of a conversation of frames larger than what the kernel keeps on the way. */
struct talk {
    int fd;
    bool sends;
    unsigned char *memory;
    struct frame frame;
    int error;
};

static void talk(void *argument)
{
    struct talk *end = argument;
    struct deadline deadline = deadline_in_ms(LONG_MS);

    end->error = end->sends ? task_send(&end->frame, end->fd, deadline)
                            : task_receive(&end->frame, end->fd, deadline);
    tell(end->sends ? 's' : 'r');
}

static void frames_larger_than_the_sockets_buffer_pass_between_two_tasks(void **state)
{
    struct talk ends[2] = {{.sends = true}, {.sends = false}};
    const int small = 4096;
    char *value = malloc(FRAME);
    int pair[2];
    size_t i;

    (void)state;
    make_pair(pair);
    assert_int_equal(setsockopt(pair[0], SOL_SOCKET, SO_SNDBUF, &small, sizeof small), 0);
    assert_non_null(value);
    memset(value, 'v', FRAME - 1);
    value[FRAME - 1] = '\0';
    for (i = 0; i < 2; i++) {
        ends[i].fd = pair[i];
        ends[i].memory = malloc(FRAME_HEADER + FRAME_MAX);
        assert_non_null(ends[i].memory);
        frame_init(&ends[i].frame, ends[i].memory, FRAME_HEADER + FRAME_MAX);
    }
    assert_int_equal(frame_add(&ends[0].frame, "key", value), 0);
    start(talk, &ends[0]);
    start(talk, &ends[1]);
    run();
    assert_int_equal(ends[0].error, 0);
    assert_int_equal(ends[1].error, 0);
    assert_string_equal(frame_get(&ends[1].frame, "key"), value);
    for (i = 0; i < 2; i++) {
        close(pair[i]);
        free(ends[i].memory);
    }
    free(value);
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
#define LOOP_TEST(test) cmocka_unit_test_setup_teardown(test, open_loop, close_loop)
    const struct CMUnitTest tests[] = {
        LOOP_TEST(tasks_begin_in_their_order_and_the_loop_ends_with_the_last),
        LOOP_TEST(a_task_that_is_started_by_one_runs_after_it),
        LOOP_TEST(those_who_wait_go_on_in_their_order_once_the_waker_gives_way),
        LOOP_TEST(deadlines_pass_in_their_order_whatever_the_order_of_waiting),
        LOOP_TEST(who_gave_up_waiting_is_woken_no_more_and_the_next_one_is),
        LOOP_TEST(a_wait_for_a_descriptor_ends_with_what_it_waits_for),
        LOOP_TEST(a_descriptor_that_cannot_be_waited_for_is_an_error_at_once),
        LOOP_TEST(outside_a_task_a_wait_blocks),
        LOOP_TEST(a_pause_lets_others_have_their_turn_and_lasts_as_long_as_it_says),
        LOOP_TEST(a_watcher_that_another_ends_is_called_no_more),
        LOOP_TEST(a_watcher_is_called_each_time_until_it_ends),
        LOOP_TEST(there_are_many_tasks_and_not_one_too_many),
        LOOP_TEST(a_stack_that_overflows_ends_the_process),
        LOOP_TEST(frames_larger_than_the_sockets_buffer_pass_between_two_tasks),
        LOOP_TEST(another_sleeper_may_come_back_early),
        LOOP_TEST(the_loop_looks_up_when_it_was_told_to_though_nothing_happens),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
