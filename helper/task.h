/*
 * Tasks: functions that run on stacks of their own and take turns on one thread, each until it has
 * to wait. So the rooms of the helper are written straight on, and one that waits for STS or a
 * directory stalls nobody else; and as there is one thread, nothing needs a lock.
 *
 * Outside a task the waiting functions block the process: with --once there is one request, and it
 * goes the same way through the same code.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_TASK_H
#define XACCT_HELPER_TASK_H

#include <stdbool.h>
#include <stddef.h>

#include "common/deadline.h"

/* Tasks that wait for the same thing, in the order of their coming. All zero at first. */
struct task_queue {
    struct task *first;
    struct task *last;
};

/* Makes the event loop, before the sandbox closes. Returns 0 or an errno. */
int task_loop_open(void);

/* Ends the event loop; no task may be left. */
void task_loop_close(void);

/*
 * Runs tasks and watchers until `over` returns true, which is asked after each round, or until
 * epoll fails. Returns 0 or that errno.
 */
int task_loop_run(bool (*over)(void *argument), void *argument);

/* Has the loop ask `over` once this time has come, should nothing else have it look up then. */
void task_loop_look_up(struct deadline when);

/* Starts a task, which runs from the loop's next round on. Returns 0; EAGAIN over the most tasks
 * that there may be; ENOMEM. */
int task_start(void (*run)(void *argument), void *argument);

/* How many tasks there are. */
size_t task_count(void);

/* Whether the caller runs in a task. */
bool task_is_running(void);

/*
 * Waits until `fd` is ready for `events` (POLLIN, POLLOUT), has hung up or failed, or the deadline
 * passes. Returns 0, ETIMEDOUT or an errno. One task at a time may wait for a descriptor.
 */
int task_wait_fd(int fd, short events, struct deadline deadline);

/* Lets other tasks have their turn for `ms` milliseconds, or with 0 once. Outside a task it blocks
 * the process for as long. */
void task_pause(int ms);

/* Waits in the queue until woken or the deadline passes. In a task only. Returns 0 or ETIMEDOUT. */
int task_wait(struct task_queue *queue, struct deadline deadline);

/* Wakes the first that waits in the queue, or all of them; they go on in the loop's next round. */
void task_wake_one(struct task_queue *queue);
void task_wake_all(struct task_queue *queue);

/*
 * Calls `ready` on the loop's own stack, where it must not wait, whenever `fd` can be read or has
 * hung up, until task_unwatch. *watcher stays the caller's and must stay where it is meanwhile.
 * Returns 0 or an errno.
 */
struct task_watcher {
    void (*ready)(void *argument);
    void *argument;
    int fd;
};
int task_watch(struct task_watcher *watcher);
void task_unwatch(struct task_watcher *watcher);

/*
 * What the loop sleeps in, where not in epoll: one that has descriptors of its own (libcurl's) puts
 * a function here, while it has some, that returns when `fd`, the loop's, can be read, after
 * `timeout_ms` (-1: never), or earlier. NULL: in epoll again.
 */
void task_set_sleeper(void (*sleeper)(int fd, int timeout_ms));

/* As frame_send and frame_receive_ahead, waiting as a task does. */
struct frame;
int task_send(struct frame *frame, int fd, struct deadline deadline);
int task_receive(struct frame *frame, int fd, struct deadline deadline);

#endif
