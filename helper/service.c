/*
 * The service.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/service.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

#include "common/secret.h"
#include "helper/arrivals.h"
#include "helper/cache.h"
#include "helper/limits.h"
#include "helper/log.h"
#include "helper/metrics.h"
#include "helper/outside.h"
#include "helper/proofs.h"
#include "helper/request.h"
#include "helper/serve.h"
#include "helper/sessions.h"
#include "helper/task.h"

#define ACCEPT_MOST 64    /* connections in a row, before others have their turn */
#define CROWD       4     /* tasks from which on others are likely to wait to be accepted */
#define USER_TASKS  768   /* tasks up to which users are served; the rest is for logins */
#define SWEEP_MS    30000 /* between looks for sessions that are over */
#define FINISH_MS   20000 /* for what runs when the service ends; no request takes as long */
#define RETRY_MS    100   /* until accepting is tried again, after there was no descriptor */

static struct {
    struct host *host;
    const char *config;
    const struct folders *folders;
    struct task_watcher listener;
    struct task_watcher signals;
    bool ends;
    struct deadline finished_by;
    struct arrivals arrivals;
    char policy_hash[POLICY_HASH_SIZE]; /* of the one that was looked at last */
    bool fits;                          /* that one to our sandbox */
} service;

/* One connection. */
struct connection {
    int fd;
    struct peer peer;
    bool is_limited;
    /* What it is counted as, if it is. */
    enum limit limit;
    char name[LIMITS_NAME_SIZE];
};

/* Stops accepting; what runs is finished. */
static void end(const char *why)
{
    if (service.ends)
        return;
    service.ends = true;
    service.finished_by = deadline_in_ms(FINISH_MS);
    task_loop_look_up(service.finished_by);
    task_unwatch(&service.listener);
    close(service.listener.fd);
    sessions_wake(service.host->sessions);
    log_notice("the service ends: %s", why);
}

/* Looks whether the policy needs nothing that was closed to us as we started, and ends the service
 * where it does. Returns 0, or an errno where it cannot be told. */
static int look_whether_it_fits(const struct host *host)
{
    struct folders folders;
    int error = folders_of(&folders, service.config, host->state, host->policy);

    if (error == 0)
        service.fits =
            folders_same(&folders, service.folders) && outside_serves(host->outside, host->policy);
    folders_free(&folders);
    if (error == 0 && !service.fits)
        end("the policy names folders, programs or PKCS#11 modules that were closed to it when it "
            "started; it has to be started anew, and logins go the other way until then");
    return error;
}

/*
 * Whether we can serve under the policy in force. Says so where it is another than before, and ends
 * the service where its sandbox does not fit.
 */
static bool policy_fits(const struct host *host)
{
    int error;

    if (host->policy == NULL || strcmp(host->policy_hash, service.policy_hash) == 0)
        return service.fits;
    error = look_whether_it_fits(host);
    if (error != 0) {
        /* Nobody can tell; the next request looks again. */
        log_warning_seldom("the folders of the policy %s cannot be listed: %s", service.config,
                           strerror(error));
        return false;
    }
    strcpy(service.policy_hash, host->policy_hash);
    log_notice("the policy %s has changed: what is in force now has the hash %s", service.config,
               host->policy_hash);
    return service.fits;
}

/* A connection's task. */
static void serve_connection(void *argument)
{
    struct connection *connection = argument;
    struct host host = *service.host;

    serve(&host, connection->fd, connection->peer, NULL, policy_fits);
    close(connection->fd);
    if (connection->is_limited)
        limits_give(service.host->limits, connection->limit, connection->name);
    free(connection);
}

/*
 * Whether a uid may have no more than its share: root's may, for logins, and our own, which holds
 * all that we have, so that who watches us as xacct metrics hears of a flood too.
 */
static bool is_limited(uid_t uid)
{
    return uid != 0 && uid != geteuid();
}

/*
 * Whom a connection is counted for: its uid, or all those that have no session. Returns false when
 * too many of these come. To look for a session that was opened without us takes longer than to
 * accept a connection, so they are held back before it; each look takes in all such sessions, and
 * who has one waits for the next look of anybody's at most.
 */
static bool name_limit(struct connection *connection)
{
    const uid_t uid = connection->peer.uid;
    struct host host = *service.host;
    bool is_known;

    if (!sessions_knows(host.sessions, uid) &&
        !arrivals_take_stranger(&service.arrivals, deadline_in_ms(0)))
        return false;
    host_hold_policy(&host);
    is_known = sessions_has(host.sessions, &host, uid);
    host_release_policy(&host);
    connection->limit = is_known ? LIMIT_CONNECTIONS : LIMIT_STRANGERS;
    limits_name(connection->name, uid, is_known);
    return true;
}

/* Starts a task for a connection that was accepted. Returns whether. */
static bool start(int fd)
{
    struct limits *limits = service.host->limits;
    struct connection *connection;
    struct peer peer;

    if (request_peer(fd, &peer) != 0 ||
        (is_limited(peer.uid) && !arrivals_take(&service.arrivals, peer.uid, deadline_in_ms(0))))
        return false;
    connection = calloc(1, sizeof *connection);
    if (connection == NULL)
        return false;
    connection->fd = fd;
    connection->peer = peer;
    connection->is_limited = is_limited(peer.uid);
    if (connection->is_limited) {
        if (!name_limit(connection) || task_count() >= USER_TASKS ||
            !limits_take(limits, connection->limit, connection->name, deadline_in_ms(0)))
            goto refused;
    }
    if (task_start(serve_connection, connection) == 0)
        return true;
    if (connection->is_limited)
        limits_give(limits, connection->limit, connection->name);

refused:
    free(connection);
    return false;
}

/* Listens again after a moment in which others may have given descriptors back. */
static void listen_again(void *argument)
{
    int error;

    (void)argument;
    task_pause(RETRY_MS);
    if (service.ends)
        return;
    error = task_watch(&service.listener);
    if (error != 0) {
        log_error("the listening socket cannot be watched again: %s", strerror(error));
        end("nobody would be served any more; it has to be started anew");
    }
}

/* A connection could not be accepted, and waits; the loop must not ask about it all the time. */
static void pause_accepting(int error)
{
    log_warning_seldom("a connection cannot be accepted: %s", strerror(error));
    task_unwatch(&service.listener);
    if (task_start(listen_again, NULL) != 0)
        task_watch(&service.listener);
}

static void accept_connections(void *argument)
{
    int i;

    (void)argument;
    for (i = 0; i < ACCEPT_MOST; i++) {
        int fd = accept4(service.listener.fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);

        if (fd < 0) {
            if (errno != EAGAIN && errno != EINTR && errno != ECONNABORTED)
                pause_accepting(errno);
            return;
        }
        /* Whoever is over their limit sees the connection end; a module goes the other way. */
        if (!start(fd))
            close(fd);
        /* To look whether anybody else waits would cost this one a call: epoll says so. */
        else if (task_count() < CROWD)
            return;
    }
}

static void take_signal(void *argument)
{
    struct signalfd_siginfo signal;

    (void)argument;
    if (read(service.signals.fd, &signal, sizeof signal) == sizeof signal)
        end("it was told to by a signal");
}

/* Looks after sessions that nobody asks about. */
static void sweep(void *argument)
{
    (void)argument;
    while (!service.ends) {
        struct host host = *service.host;

        host_hold_policy(&host);
        if (policy_fits(&host) && host.policy != NULL)
            sessions_sweep(host.sessions, &host, time(NULL));
        host_release_policy(&host);
        sessions_wait(host.sessions, deadline_in_ms(SWEEP_MS));
    }
}

/* Whether a process has died that the sandbox does not let us start again. */
static bool is_broken(const struct host *host)
{
    return lookup_pool_is_broken(host->lookups) || outside_is_broken(host->outside);
}

static bool is_over(void *argument)
{
    (void)argument;
    if (lookup_pool_is_broken(service.host->lookups))
        end("its look-up processes are gone; it has to be started anew");
    if (outside_is_broken(service.host->outside))
        end("the process outside its sandbox is gone; it has to be started anew");
    return service.ends && (task_count() == 0 || deadline_left_ms(service.finished_by) == 0);
}

/* Has the loop call us for connections and signals. Returns 0 or an errno. */
static int watch(int listener)
{
    sigset_t signals;
    int error;

    sigemptyset(&signals);
    sigaddset(&signals, SIGTERM);
    sigaddset(&signals, SIGINT);
    service.signals = (struct task_watcher){
        .ready = take_signal,
        .fd = signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK),
    };
    if (service.signals.fd < 0)
        return errno;
    service.listener = (struct task_watcher){.ready = accept_connections, .fd = listener};
    error = task_watch(&service.signals);
    if (error == 0)
        error = task_watch(&service.listener);
    if (error == 0)
        error = outside_watch(service.host->outside);
    if (error == 0)
        error = task_start(sweep, NULL);
    return error;
}

int service_run(struct host *host, int listener, const char *config, const struct folders *folders)
{
    char why[1024];
    struct host first = *host;
    int error = 0;

    service.host = host;
    service.config = config;
    service.folders = folders;
    service.fits = true;
    metrics_begin(time(NULL));
    host->limits = limits_new();
    host->cache = cache_new();
    host->base_cache = cache_new();
    first.proofs = host->proofs = proofs_new();
    host_hold_policy(&first);
    strcpy(service.policy_hash, first.policy_hash);
    if (host->limits == NULL || host->cache == NULL || host->base_cache == NULL ||
        host->proofs == NULL)
        error = ENOMEM;
    else if ((error = sessions_open(&first, &host->sessions, why, sizeof why)) != 0)
        log_error("%s", why);
    else
        error = watch(listener);
    /* It may be another than the sandbox was made for. */
    if (error == 0 && first.policy != NULL)
        error = look_whether_it_fits(&first);
    host_release_policy(&first);
    if (error == 0) {
        secret_arena_set_reclaim(cache_reclaim, host->cache);
        log_notice("the service is ready: %zu live sessions", sessions_count(host->sessions));
        error = task_loop_run(is_over, NULL);
        /* So that systemd starts it anew at once. */
        if (error == 0 && is_broken(host))
            error = EPIPE;
        secret_arena_set_reclaim(NULL, NULL);
    }
    if (error != 0)
        log_error("the service cannot go on: %s", strerror(error));
    sessions_free(host->sessions);
    cache_free(host->cache);
    cache_free(host->base_cache);
    proofs_free(host->proofs);
    limits_free(host->limits);
    host->sessions = NULL;
    host->cache = NULL;
    host->base_cache = NULL;
    host->proofs = NULL;
    host->limits = NULL;
    return error;
}
