/*
 * Who has which look-up process, and when there are more or fewer of them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/lookup_pool.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "helper/child.h"
#include "helper/log.h"
#include "helper/lookup_forker.h"
#include "helper/sandbox.h"

#define PROCESSES_MAX 256
#define IDLE_MAX      4
#define REQUESTS_MAX  1000 /* that one process serves */
#define SOON_MS       20   /* in which one may come back: a directory that answers takes less */
#define QUEUE_MS      50   /* in which all who wait are served by those that there are */
#define ATTEMPTS      3    /* the first may find that files were replaced since the last request */
#define IN_A_ROW      4    /* requests of root's while users wait */
#define RECENT        8    /* requests that count for how long one takes */

/* Whether the next process is for a request of root's. */
static bool is_roots_turn(const struct lookup_pool *pool)
{
    return pool->roots_waiting > 0 &&
           (pool->roots_in_a_row < IN_A_ROW || pool->waiting == pool->roots_waiting);
}

/* Lets the next who waits look again. */
static void wake_next(struct lookup_pool *pool)
{
    struct task_queue *next = &pool->queue, *other = &pool->roots_queue;

    if (is_roots_turn(pool)) {
        next = &pool->roots_queue;
        other = &pool->queue;
    }
    task_wake_one(next->first != NULL ? next : other);
}

static void put_idle(struct lookup_pool *pool, struct lookup *lookup)
{
    lookup->next = pool->idle;
    pool->idle = lookup;
    pool->idle_count++;
    pool->fresh_until = deadline_in_ms(SOON_MS);
    wake_next(pool);
}

static void put_used(struct lookup_pool *pool, struct lookup *lookup)
{
    lookup->next = pool->used;
    pool->used = lookup;
    lookup->worked_us = 0;
    lookup->requests++;
}

static void take_used(struct lookup_pool *pool, struct lookup *lookup)
{
    struct lookup **place = &pool->used;

    while (*place != lookup)
        place = &(*place)->next;
    *place = lookup->next;
    lookup->next = NULL;
    pool->request_us = ((RECENT - 1) * pool->request_us + lookup->worked_us) / RECENT;
}

/* Ends a process; whoever waits may have another forked in its place. */
static void end(struct lookup_pool *pool, struct lookup *lookup)
{
    lookup_stop(lookup);
    free(lookup);
    pool->count--;
    wake_next(pool);
}

/*
 * A process does not outlive the files that it was let see: its sandbox closes those that have come
 * in their place. And glibc reads nsswitch.conf again when it has changed, but not in a process
 * that set sources of its own for a while, as lookup_sources does.
 */
static void see_files(struct lookup_pool *pool)
{
    if (nss_files_look(&pool->files))
        pool->generation++;
}

bool lookup_pool_is_current(struct lookup_pool *pool, const struct lookup *lookup)
{
    see_files(pool);
    return lookup->generation == pool->generation;
}

static bool is_current(void *pool, const struct lookup *lookup)
{
    return lookup_pool_is_current(pool, lookup);
}

static bool find_local(void *argument, const struct lookup *lookup, const char *name,
                       struct user *user)
{
    struct lookup_pool *pool = argument;

    return lookup->generation == pool->generation &&
           local_users_find(&pool->local, &pool->files.files[NSS_FILES_PASSWD], pool->generation,
                            name, user);
}

/* Whether a process has said something that was not read yet, or ended. */
static bool has_stirred(const struct lookup *lookup)
{
    struct pollfd waited = {.fd = lookup->socket, .events = POLLIN};

    return poll(&waited, 1, 0) != 0;
}

/* An idle process that may be used, or NULL. */
static struct lookup *take_idle(struct lookup_pool *pool)
{
    struct lookup *lookup;

    while ((lookup = pool->idle) != NULL) {
        pool->idle = lookup->next;
        pool->idle_count--;
        lookup->next = NULL;
        if (!pool->many || (lookup->generation == pool->generation && !has_stirred(lookup)))
            return lookup;
        end(pool, lookup);
    }
    return NULL;
}

/* Nothing can be forked any more. Once. */
static void break_down(struct lookup_pool *pool)
{
    if (pool->broken)
        return;
    log_error("the process that starts look-up processes has ended: no user or group can be looked "
              "up until the helper is started anew");
    pool->broken = true;
    task_unwatch(&pool->watcher);
    task_wake_all(&pool->roots_queue);
    task_wake_all(&pool->queue);
}

static void have_one_forked(struct lookup_pool *pool)
{
    int error;

    see_files(pool);
    error = lookup_forker_ask(pool->channel, pool->generation);
    if (error == 0) {
        pool->count++;
        pool->forking++;
    } else if (error != EAGAIN) {
        break_down(pool);
    }
}

/* The forker has answered. */
static void receive_forked(void *argument)
{
    struct lookup_pool *pool = argument;
    struct lookup *lookup = calloc(1, sizeof *lookup);
    struct lookup received = {.socket = -1, .pidfd = -1};
    int error = lookup_forker_receive(pool->channel, &received);

    if (error == ENOMSG)
        goto done;
    if (error == EPIPE) {
        break_down(pool);
        goto done;
    }
    pool->forking--;
    if (error == 0 && lookup == NULL) {
        lookup_stop(&received);
        error = ENOMEM;
    }
    if (error != 0) {
        if (!pool->refused)
            log_error("no look-up process can be started: %s", strerror(error));
        pool->refused = true;
        pool->count--;
        goto done;
    }
    pool->refused = false;
    *lookup = received;
    lookup->is_current = is_current;
    lookup->pool = pool;
    lookup->find_local = find_local;
    if (pool->waiting == 0 && pool->idle_count >= IDLE_MAX)
        end(pool, lookup);
    else
        put_idle(pool, lookup);
    lookup = NULL;

done:
    free(lookup);
}

/* The one process of one request. */
static int open_one(struct lookup_pool *pool)
{
    struct lookup *lookup = calloc(1, sizeof *lookup);
    int error;

    see_files(pool);
    error = lookup != NULL ? lookup_start(lookup) : ENOMEM;
    if (error != 0) {
        free(lookup);
        return error;
    }
    lookup->generation = pool->generation;
    lookup->pool = pool;
    lookup->find_local = find_local;
    pool->count = 1;
    put_idle(pool, lookup);
    return 0;
}

int lookup_pool_open(struct lookup_pool *pool, bool many)
{
    int error;

    memset(pool, 0, sizeof *pool);
    pool->many = many;
    if (!many)
        return open_one(pool);
    error =
        child_start(sandbox_close_forker, lookup_forker_run, NULL, &pool->forker, &pool->channel);
    if (error != 0)
        return error;
    pool->watcher =
        (struct task_watcher){.ready = receive_forked, .argument = pool, .fd = pool->channel};
    error = task_watch(&pool->watcher);
    if (error != 0)
        return error;
    /* The first request finds one. */
    have_one_forked(pool);
    return pool->broken ? EPIPE : 0;
}

void lookup_pool_close_ahead(struct lookup_pool *pool)
{
    if (!pool->many && pool->idle != NULL)
        lookup_stop_ahead(pool->idle);
}

void lookup_pool_close(struct lookup_pool *pool)
{
    while (pool->idle != NULL) {
        struct lookup *lookup = pool->idle;

        pool->idle = lookup->next;
        lookup_stop(lookup);
        free(lookup);
    }
    pool->idle_count = 0;
    if (pool->forker == 0)
        return;
    task_unwatch(&pool->watcher);
    close(pool->channel);
    /* What it has forked ends with it. */
    kill(pool->forker, SIGKILL);
    while (waitpid(pool->forker, NULL, 0) < 0 && errno == EINTR)
        continue;
    pool->forker = 0;
}

/*
 * Whether another process would help who waits. Where a directory hangs there are soon as many as
 * it takes, as each time there may be twice as many; where it answers, who waits has a turn before
 * another process could be there, which costs more than many look-ups.
 */
static bool needs_another(const struct lookup_pool *pool)
{
    const size_t there = pool->count - pool->forking;
    const struct lookup *lookup;

    if (pool->forking >= pool->waiting || pool->forking >= (there > 0 ? there : 1))
        return false;
    /* What has been answered waits for us, and so would the answers of others. */
    for (lookup = pool->used; lookup != NULL; lookup = lookup->next)
        if (has_stirred(lookup))
            return false;
    return deadline_left_ms(pool->fresh_until) == 0 ||
           pool->waiting * pool->request_us >= there * QUEUE_MS * 1000;
}

/* Waits in a queue for a process to be idle, having one forked where nothing else helps. `first`:
 * the request has not waited yet. Returns 0 when it is worth looking again, or an errno. */
static int wait_for_one(struct lookup_pool *pool, struct task_queue *queue, bool first,
                        struct deadline deadline)
{
    struct deadline soon = deadline_earlier(deadline, deadline_in_ms(SOON_MS));

    if (pool->broken || !pool->many)
        return EPIPE;
    if (deadline_left_ms(deadline) == 0)
        return pool->refused ? EAGAIN : ETIMEDOUT;
    if (pool->count == PROCESSES_MAX) {
        (void)task_wait(queue, deadline);
        return 0;
    }
    if ((!first || pool->count == 0) && needs_another(pool))
        have_one_forked(pool);
    if (!pool->broken)
        (void)task_wait(queue, soon);
    return 0;
}

/* An idle process whose turn it is to have one, or NULL. */
static struct lookup *take_in_turn(struct lookup_pool *pool, bool is_roots)
{
    return is_roots == is_roots_turn(pool) ? take_idle(pool) : NULL;
}

int lookup_pool_take(struct lookup_pool *pool, bool is_roots, struct deadline deadline,
                     struct lookup **lookup)
{
    struct task_queue *queue = is_roots ? &pool->roots_queue : &pool->queue;
    bool first = true;
    int error = 0;

    pool->waiting++;
    pool->roots_waiting += is_roots;
    while ((*lookup = take_in_turn(pool, is_roots)) == NULL && error == 0) {
        error = wait_for_one(pool, queue, first, deadline);
        first = false;
    }
    pool->waiting--;
    pool->roots_waiting -= is_roots;
    if (*lookup != NULL) {
        pool->roots_in_a_row = is_roots ? pool->roots_in_a_row + 1 : 0;
        put_used(pool, *lookup);
    }
    /* Those behind had to leave it alone. */
    if (pool->idle != NULL)
        wake_next(pool);
    return *lookup != NULL ? 0 : error;
}

int lookup_pool_ask(struct lookup_pool *pool, bool is_roots, struct deadline deadline,
                    void (*ask)(struct lookup *lookup, void *argument), void *argument)
{
    int attempt, error = ESTALE;

    for (attempt = 0; error == ESTALE && attempt < (pool->many ? ATTEMPTS : 1); attempt++) {
        struct lookup *lookup;

        error = lookup_pool_take(pool, is_roots, deadline, &lookup);
        if (error != 0)
            break;
        ask(lookup, argument);
        error = lookup_pool_is_current(pool, lookup) ? 0 : ESTALE;
        lookup_pool_give(pool, lookup);
    }
    return error;
}

const char *lookup_pool_why(int error)
{
    switch (error) {
    case ESTALE:
        return "files that NSS reads (/etc/nsswitch.conf, passwd, group and the like) were "
               "replaced while the request was under way; try again";
    case ETIMEDOUT:
        return "all look-up processes were busy until the time was up: does a directory service "
               "(sssd, ldap, winbind) hang?";
    case EAGAIN:
        return "no look-up process could be started: is a limit on processes, descriptors or "
               "memory too low (TasksMax=, RLIMIT_NPROC, RLIMIT_NOFILE)?";
    default:
        return "there is no process that starts look-up processes any more: the helper has to be "
               "started anew";
    }
}

void lookup_pool_give(struct lookup_pool *pool, struct lookup *lookup)
{
    if (lookup == NULL)
        return;
    take_used(pool, lookup);
    /* With one request nobody else waits: it may come back even when it was stopped. */
    if (pool->many &&
        (lookup->socket < 0 || lookup->requests >= REQUESTS_MAX || pool->idle_count >= IDLE_MAX))
        end(pool, lookup);
    else
        put_idle(pool, lookup);
}

bool lookup_pool_is_broken(const struct lookup_pool *pool)
{
    return pool->broken;
}
