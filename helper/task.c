/*
 * Tasks on stacks of their own (makecontext(3)) over one epoll instance.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/task.h"

#include <errno.h>
#include <poll.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/mman.h>
#include <ucontext.h>
#include <unistd.h>

#include "common/frame.h"

/* AddressSanitizer and valgrind have to be told of stacks that are not the thread's own. */
#ifdef __has_feature
#if __has_feature(address_sanitizer)
#define XACCT_ASAN
#endif
#endif
#ifdef __SANITIZE_ADDRESS__
#define XACCT_ASAN
#endif
#ifdef XACCT_ASAN
#include <sanitizer/common_interface_defs.h>
#endif
#ifdef XACCT_WITHOUT_SANDBOX
#include <valgrind/valgrind.h>
#endif

#define TASKS_MAX 1024
#define STACK_SIZE                                                                                 \
    ((size_t)256 * 1024) /* several times what libxml2 and OpenSSL were seen to need */
#define ROUND_MOST 64    /* events a round, so that tasks get their turn */
#define FDS_KNOWN  1024  /* descriptors below this take a call less to wait for again */

/*
 * Stacks of tasks that have ended are kept for those to come: to have the kernel map one, give it
 * its pages one by one and take them back, for which other processors are interrupted, takes longer
 * than what most requests do on it. Where a sanitizer or valgrind is to see what is used after its
 * end, none is.
 */
#ifdef XACCT_WITHOUT_SANDBOX
#define KEPT_MOST 0
#else
#define KEPT_MOST 8
#endif
#define KEPT_DEPTH ((size_t)64 * 1024) /* of each, below which little ever lies */

struct task {
    ucontext_t context;
    void (*run)(void *argument);
    void *argument;
    unsigned char *stack; /* its lowest page is closed: an overflow ends the process */
    struct task *next;    /* among those that are ready, or in the queue that it waits in */
    struct task *later;   /* among those that wait, and its neighbour there */
    struct task *earlier;
    struct task_queue *queue; /* that it waits in, or NULL */
    struct task_watcher watcher;
    struct deadline deadline;
    int result; /* of the wait */
    bool ended;
#ifdef XACCT_ASAN
    void *fake_stack;
#endif
#ifdef XACCT_WITHOUT_SANDBOX
    unsigned stack_id;
#endif
};

static struct {
    int epoll;
    struct task_queue ready;
    struct task *waiting;
    struct task *current;
    size_t count;
    unsigned char *kept[KEPT_MOST + 1]; /* stacks, wiped */
    size_t kept_count;
    struct deadline look_up; /* ns 0: never */
    struct epoll_event events[ROUND_MOST];
    int event_count;       /* of the present round; one whose watcher has ended has no pointer */
    bool known[FDS_KNOWN]; /* to epoll, unless it was closed since: which a task waited for */
    ucontext_t context;    /* of the loop itself */
    void (*sleeper)(int fd, int timeout_ms);
#ifdef XACCT_ASAN
    void *fake_stack;
    const void *stack;
    size_t stack_size;
#endif
} loop = {.epoll = -1};

/* Puts a task at the end of a queue. */
static void append(struct task_queue *queue, struct task *task)
{
    task->next = NULL;
    if (queue->last != NULL)
        queue->last->next = task;
    else
        queue->first = task;
    queue->last = task;
}

/* Takes a task out of the queue, wherever it stands. */
static void take_out(struct task_queue *queue, struct task *task)
{
    struct task **place = &queue->first, *before = NULL;

    while (*place != task) {
        before = *place;
        place = &before->next;
    }
    *place = task->next;
    if (queue->last == task)
        queue->last = before;
}

/* Ends the wait of a task with `result`. */
static void wake(struct task *task, int result)
{
    if (task->queue != NULL)
        take_out(task->queue, task);
    task->queue = NULL;
    if (task->watcher.fd >= 0)
        task_unwatch(&task->watcher);
    task->watcher.fd = -1;
    if (task->later != NULL)
        task->later->earlier = task->earlier;
    if (task->earlier != NULL)
        task->earlier->later = task->later;
    else
        loop.waiting = task->later;
    task->result = result;
    append(&loop.ready, task);
}

static void descriptor_is_ready(void *argument)
{
    struct task *task = argument;

    /* epoll looks at it no more until the next wait. */
    task->watcher.fd = -1;
    wake(task, 0);
}

/* From the loop into a task. */
static void enter(struct task *task)
{
    loop.current = task;
#ifdef XACCT_ASAN
    __sanitizer_start_switch_fiber(&loop.fake_stack, task->stack, STACK_SIZE);
#endif
    swapcontext(&loop.context, &task->context);
#ifdef XACCT_ASAN
    __sanitizer_finish_switch_fiber(loop.fake_stack, NULL, NULL);
#endif
    loop.current = NULL;
}

/* From a task back into the loop. */
static void leave(struct task *task)
{
#ifdef XACCT_ASAN
    __sanitizer_start_switch_fiber(task->ended ? NULL : &task->fake_stack, loop.stack,
                                   loop.stack_size);
#endif
    swapcontext(&task->context, &loop.context);
#ifdef XACCT_ASAN
    __sanitizer_finish_switch_fiber(task->fake_stack, &loop.stack, &loop.stack_size);
#endif
}

/* Where a task begins. */
static void begin(void)
{
    struct task *task = loop.current;

#ifdef XACCT_ASAN
    __sanitizer_finish_switch_fiber(NULL, &loop.stack, &loop.stack_size);
#endif
    task->run(task->argument);
    task->ended = true;
    leave(task);
}

/* A stack whose lowest page is closed, and on which nothing lies; NULL without memory. */
static unsigned char *stack_take(void)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE);
    unsigned char *stack;

    if (loop.kept_count > 0)
        return loop.kept[--loop.kept_count];
    stack = mmap(NULL, STACK_SIZE, PROT_READ | PROT_WRITE,
                 MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK | MAP_NORESERVE, -1, 0);
    if (stack == MAP_FAILED)
        return NULL;
    if (mprotect(stack, page, PROT_NONE) == 0)
        return stack;
    munmap(stack, STACK_SIZE);
    return NULL;
}

/* Gives a stack back. Whatever lies on it is gone at once: it may be a secret. */
static void stack_give(unsigned char *stack)
{
    const size_t page = (size_t)sysconf(_SC_PAGESIZE), deep = STACK_SIZE - KEPT_DEPTH;

    if (loop.kept_count == KEPT_MOST || madvise(stack + page, deep - page, MADV_DONTNEED) != 0) {
        munmap(stack, STACK_SIZE);
        return;
    }
    explicit_bzero(stack + deep, KEPT_DEPTH);
    loop.kept[loop.kept_count++] = stack;
}

static void task_free(struct task *task)
{
#ifdef XACCT_WITHOUT_SANDBOX
    VALGRIND_STACK_DEREGISTER(task->stack_id);
#endif
    stack_give(task->stack);
    free(task);
    loop.count--;
}

int task_loop_open(void)
{
    loop.epoll = epoll_create1(EPOLL_CLOEXEC);
    return loop.epoll >= 0 ? 0 : errno;
}

void task_loop_look_up(struct deadline when)
{
    loop.look_up = when;
}

void task_loop_close(void)
{
    close(loop.epoll);
    loop.epoll = -1;
    while (loop.kept_count > 0)
        munmap(loop.kept[--loop.kept_count], STACK_SIZE);
    memset(loop.known, 0, sizeof loop.known);
    loop.look_up.ns = 0;
    loop.sleeper = NULL;
}

/* Runs every task that was ready when the round began. */
static void run_ready(void)
{
    struct task_queue round = loop.ready;

    loop.ready = (struct task_queue){NULL, NULL};
    while (round.first != NULL) {
        struct task *task = round.first;

        take_out(&round, task);
        enter(task);
        if (task->ended)
            task_free(task);
    }
}

/* Wakes those whose time has passed. Returns the milliseconds until the loop has to look up, or -1.
 */
static int wake_late(void)
{
    const struct deadline now = deadline_in_ms(0), never = {INT64_MAX};
    struct deadline next = loop.look_up.ns != 0 ? loop.look_up : never;
    struct task *task, *later;

    if (loop.look_up.ns <= now.ns)
        loop.look_up.ns = 0;
    for (task = loop.waiting; task != NULL; task = later) {
        later = task->later;
        if (task->deadline.ns <= now.ns)
            wake(task, ETIMEDOUT);
        else
            next = deadline_earlier(next, task->deadline);
    }
    return next.ns == never.ns ? -1 : deadline_left_ms(next);
}

/* Waits so long for events, and has their watchers called. Returns 0 or an errno. */
static int dispatch(int timeout_ms)
{
    int count = epoll_wait(loop.epoll, loop.events, ROUND_MOST, timeout_ms), i;

    if (count < 0)
        return errno == EINTR ? 0 : errno;
    loop.event_count = count;
    for (i = 0; i < count; i++) {
        const struct task_watcher *watcher = loop.events[i].data.ptr;

        if (watcher != NULL)
            watcher->ready(watcher->argument);
    }
    loop.event_count = 0;
    return 0;
}

int task_loop_run(bool (*over)(void *argument), void *argument)
{
    int error = 0;

    while (error == 0) {
        int timeout_ms;

        run_ready();
        /* Before it sleeps: nothing may be left that would wake it. */
        if (over(argument))
            break;
        timeout_ms = wake_late();
        if (loop.ready.first != NULL)
            timeout_ms = 0;
        if (loop.sleeper != NULL) {
            loop.sleeper(loop.epoll, timeout_ms);
            timeout_ms = 0;
        }
        error = dispatch(timeout_ms);
    }
    return error;
}

int task_start(void (*run)(void *argument), void *argument)
{
    struct task *task;

    if (loop.count >= TASKS_MAX)
        return EAGAIN;
    task = calloc(1, sizeof *task);
    if (task == NULL)
        return ENOMEM;
    task->stack = stack_take();
    if (task->stack == NULL || getcontext(&task->context) != 0) {
        if (task->stack != NULL)
            stack_give(task->stack);
        free(task);
        return ENOMEM;
    }
    task->run = run;
    task->argument = argument;
    task->watcher.fd = -1;
    task->context.uc_stack.ss_sp = task->stack;
    task->context.uc_stack.ss_size = STACK_SIZE;
    makecontext(&task->context, begin, 0);
#ifdef XACCT_WITHOUT_SANDBOX
    task->stack_id = VALGRIND_STACK_REGISTER(task->stack, task->stack + STACK_SIZE);
#endif
    loop.count++;
    append(&loop.ready, task);
    return 0;
}

size_t task_count(void)
{
    return loop.count;
}

bool task_is_running(void)
{
    return loop.current != NULL;
}

/* Gives way until woken or the deadline passes. Returns the result of the wait. */
static int wait_until(struct task *task, struct deadline deadline)
{
    task->deadline = deadline;
    task->earlier = NULL;
    task->later = loop.waiting;
    if (loop.waiting != NULL)
        loop.waiting->earlier = task;
    loop.waiting = task;
    leave(task);
    return task->result;
}

static uint32_t epoll_events(short events)
{
    return ((events & POLLIN) != 0 ? (uint32_t)EPOLLIN : 0) |
           ((events & POLLOUT) != 0 ? (uint32_t)EPOLLOUT : 0);
}

/*
 * Has epoll say once when `watcher` is to be called. What a task waited for stays known to epoll,
 * until it is closed, so that to wait again is one call: which one is a guess that the other makes
 * good. Returns 0 or an errno.
 */
static int watch_once(struct task_watcher *watcher, short events)
{
    struct epoll_event event = {.events = epoll_events(events) | EPOLLONESHOT, .data.ptr = watcher};
    const bool has_place = watcher->fd >= 0 && watcher->fd < FDS_KNOWN;
    bool none = false, *known = has_place ? &loop.known[watcher->fd] : &none;
    const int first = *known ? EPOLL_CTL_MOD : EPOLL_CTL_ADD;
    const int second = *known ? EPOLL_CTL_ADD : EPOLL_CTL_MOD;
    int result = epoll_ctl(loop.epoll, first, watcher->fd, &event);

    if (result != 0 && errno == (*known ? ENOENT : EEXIST))
        result = epoll_ctl(loop.epoll, second, watcher->fd, &event);
    *known = result == 0;
    return result == 0 ? 0 : errno;
}

int task_wait_fd(int fd, short events, struct deadline deadline)
{
    struct task *task = loop.current;
    int error;

    if (task == NULL)
        return deadline_wait(deadline, fd, events);
    task->watcher = (struct task_watcher){.ready = descriptor_is_ready, .argument = task, .fd = fd};
    error = watch_once(&task->watcher, events);
    if (error == 0)
        return wait_until(task, deadline);
    task->watcher.fd = -1;
    return error;
}

int task_wait(struct task_queue *queue, struct deadline deadline)
{
    struct task *task = loop.current;

    append(queue, task);
    task->queue = queue;
    return wait_until(task, deadline);
}

void task_pause(int ms)
{
    if (loop.current != NULL)
        wait_until(loop.current, deadline_in_ms(ms));
    else
        poll(NULL, 0, ms);
}

void task_wake_one(struct task_queue *queue)
{
    if (queue->first != NULL)
        wake(queue->first, 0);
}

void task_wake_all(struct task_queue *queue)
{
    while (queue->first != NULL)
        wake(queue->first, 0);
}

int task_watch(struct task_watcher *watcher)
{
    struct epoll_event event = {.events = EPOLLIN, .data.ptr = watcher};

    return epoll_ctl(loop.epoll, EPOLL_CTL_ADD, watcher->fd, &event) == 0 ? 0 : errno;
}

void task_unwatch(struct task_watcher *watcher)
{
    struct epoll_event unused = {0};
    int i;

    /* What another one does in the present round may end it. */
    for (i = 0; i < loop.event_count; i++)
        if (loop.events[i].data.ptr == watcher)
            loop.events[i].data.ptr = NULL;
    epoll_ctl(loop.epoll, EPOLL_CTL_DEL, watcher->fd, &unused);
}

void task_set_sleeper(void (*sleeper)(int fd, int timeout_ms))
{
    loop.sleeper = sleeper;
}

static int wait_for_frame(struct deadline deadline, int fd, short events)
{
    return task_wait_fd(fd, events, deadline);
}

int task_send(struct frame *frame, int fd, struct deadline deadline)
{
    return frame_send_by(frame, fd, deadline, wait_for_frame);
}

int task_receive(struct frame *frame, int fd, struct deadline deadline)
{
    return frame_receive_ahead_by(frame, fd, deadline, wait_for_frame);
}
