/*
 * Watching the processes that opened sessions, by pidfd_open(2).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/session_opener.h"

#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <unistd.h>

#include "helper/log.h"
#include "helper/process_start.h"

/* For what else there is to do, of which there may be as much as tasks: requests, look-ups, calls
 * to STS, files. Of a small limit a quarter. */
#define DESCRIPTORS_SPARED 2048

#define REASON_REBOOT  "the host was started anew"
#define REASON_ENDED   "the process that opened it has ended"
#define REASON_UNKNOWN "it cannot be told any more whether the process that opened it lives"

/* Whether a new descriptor `fd` leaves enough of them; the lowest free one is always given. */
static bool leaves_enough(int fd)
{
    struct rlimit limit;
    rlim_t spared;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return true;
    spared = limit.rlim_cur / 4 < DESCRIPTORS_SPARED ? limit.rlim_cur / 4 : DESCRIPTORS_SPARED;
    return (rlim_t)fd + spared < limit.rlim_cur;
}

/*
 * Opens a pidfd into the watcher, or leaves it at -1 where none can be had. Returns 0, or ESRCH
 * when there is no such process.
 */
static int open_pidfd(struct session *session)
{
    int fd = pidfd_open(session->pid, 0);

    session->watcher.fd = -1;
    /* EINVAL and, in later kernels, ENOENT: a thread's number, so the process has gone. */
    if (fd < 0 && (errno == ESRCH || errno == EINVAL || errno == ENOENT))
        return ESRCH;
    if (fd >= 0 && !leaves_enough(fd)) {
        close(fd);
        fd = -1;
        errno = EMFILE;
    }
    if (fd < 0)
        log_warning("process %ld, which opened session %s, cannot be watched: %s; it is looked for "
                    "at each request instead (LimitNOFILE= bounds the descriptors, one a session)",
                    (long)session->pid, session->record.id, strerror(errno));
    session->watcher.fd = fd;
    return 0;
}

static void start_watching(struct session *session, void (*ready)(void *session))
{
    int error;

    if (session->watcher.fd < 0)
        return;
    session->watcher.ready = ready;
    session->watcher.argument = session;
    error = task_watch(&session->watcher);
    if (error == 0)
        return;
    log_warning("process %ld, which opened session %s, cannot be watched: %s; it is looked for at "
                "each request instead",
                (long)session->pid, session->record.id, strerror(error));
    close(session->watcher.fd);
    session->watcher.fd = -1;
}

/* Whether an errno of looking into /proc says nothing of the process. */
static bool passes(int error)
{
    return error == EMFILE || error == ENFILE || error == ENOMEM || error == EINTR || error == EIO;
}

static void drop_pidfd(struct session *session)
{
    if (session->watcher.fd >= 0)
        close(session->watcher.fd);
    session->watcher.fd = -1;
}

const char *session_opener_find(struct session *session, const char *boot_id,
                                void (*ready)(void *session))
{
    const struct session_record *record = &session->record;
    long long start_time = 0;
    int error;

    session->watcher.fd = -1;
    session->pid = record->pid;
    if (boot_id[0] == '\0' || record->boot_id[0] == '\0' || record->pid <= 0 ||
        record->start_time <= 0)
        return REASON_UNKNOWN;
    if (strcmp(record->boot_id, boot_id) != 0)
        return REASON_REBOOT;
    if (open_pidfd(session) != 0)
        return REASON_ENDED;
    /* In this order: what started when the record says has held the number ever since. */
    error = process_start(session->pid, &start_time);
    if (error == 0 && start_time == record->start_time) {
        start_watching(session, ready);
        return NULL;
    }
    /* Its number may be another's by now: what /proc says is asked for at each request. */
    drop_pidfd(session);
    if (passes(error))
        return NULL;
    return error == 0 || error == ESRCH ? REASON_ENDED : REASON_UNKNOWN;
}

const char *session_opener_follow(struct session *session, pid_t pid, const char *boot_id,
                                  void (*ready)(void *session))
{
    const struct session_record *record = &session->record;
    long long start_time = 0;

    /* One in a PID namespace that is not below ours has no number here. */
    if (pid <= 0)
        return session_opener_find(session, boot_id, ready);
    session->watcher.fd = -1;
    session->pid = pid;
    if (open_pidfd(session) != 0)
        return REASON_ENDED;
    if (pid == record->pid && process_start(pid, &start_time) == 0 &&
        start_time != record->start_time) {
        drop_pidfd(session);
        return REASON_ENDED;
    }
    start_watching(session, ready);
    return NULL;
}

enum opener_life session_opener_lives(const struct session *session)
{
    struct pollfd process = {.fd = session->watcher.fd, .events = POLLIN};
    long long start_time = 0;
    int error;

    if (process.fd >= 0) {
        int ended = poll(&process, 1, 0);

        if (ended < 0)
            return OPENER_UNKNOWN;
        return ended == 0 ? OPENER_LIVES : OPENER_HAS_ENDED;
    }
    error = process_start(session->pid, &start_time);
    if (passes(error))
        return OPENER_UNKNOWN;
    return error == 0 && start_time == session->record.start_time ? OPENER_LIVES : OPENER_HAS_ENDED;
}

void session_opener_leave(struct session *session)
{
    if (session->watcher.fd >= 0)
        task_unwatch(&session->watcher);
    drop_pidfd(session);
}
