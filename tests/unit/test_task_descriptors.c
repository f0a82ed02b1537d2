/*
 * Tasks that wait for descriptors, watchers of descriptors, and frames that pass between tasks.
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
#include <stdlib.h>
#include <sys/socket.h>

#include "common/frame.h"
#include "task_rig.h"

#define FRAME ((size_t)60 * 1024) /* more than a socket's buffer, as it is set here */

static struct task_queue queue;

static void wait_for_descriptor(void *argument)
{
    struct waiter *waiter = argument;

    waiter->result = task_wait_fd(waiter->fd, waiter->events, deadline_in_ms(waiter->ms));
    tell(waiter->name);
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
    struct waiter waiter = {'a', &queue, -1, 0, LONG_MS, -1};
    size_t i;

    (void)state;
    for (i = 0; i < 2; i++) {
        make_pair(watchers.pairs[i]);
        write_byte(&watchers.pairs[i][1]);
        watchers.items[i] = (struct task_watcher){unwatch_both, &watchers, watchers.pairs[i][0]};
        assert_int_equal(task_watch(&watchers.items[i]), 0);
    }
    start(wait_in_queue, &waiter);
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

int main(void)
{
    const struct CMUnitTest tests[] = {
        LOOP_TEST(a_wait_for_a_descriptor_ends_with_what_it_waits_for),
        LOOP_TEST(a_descriptor_that_cannot_be_waited_for_is_an_error_at_once),
        LOOP_TEST(outside_a_task_a_wait_blocks),
        LOOP_TEST(a_watcher_that_another_ends_is_called_no_more),
        LOOP_TEST(a_watcher_is_called_each_time_until_it_ends),
        LOOP_TEST(frames_larger_than_the_sockets_buffer_pass_between_two_tasks),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
