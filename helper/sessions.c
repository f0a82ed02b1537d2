/*
 * Live sessions.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/sessions.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/reference.h"
#include "helper/log.h"
#include "helper/proofs.h"
#include "helper/session_end.h"
#include "helper/session_opener.h"
#include "helper/session_table.h"
#include "helper/task.h"

/* So many sessions are ended, or looked for in /proc, at a time: a few milliseconds' work. */
#define SWEEP_MOST   ((size_t)64)
#define TIDY_SECONDS 60

#define REASON_ENDED   "the process that opened it has ended"
#define REASON_MAX     "it is older than session_max"
#define REASON_DAMAGED "its record was damaged"

struct sessions {
    struct session_table table;
    struct session_ids ids;    /* as last seen on disk */
    size_t gone;               /* how many in the table are to be ended */
    size_t next_unwatched;     /* where in the table to go on with those that have no pidfd */
    struct proofs *proofs;     /* that sessions came with, gone when they are; or NULL */
    struct task_queue waiting; /* for something to sweep */
    bool blocked;              /* the last sweep could end nobody */
    time_t swept;
    time_t tidied;
    bool opening;
};

/* Writes that a session has ended. What is known of it is in *record. */
static void audit_end(const struct host *host, const struct session_record *record,
                      const char *reason)
{
    char why[1024];

    if (session_end_audit(host, record, reason, record->reference, why, sizeof why) != 0)
        log_error("session %s has ended (%s): %s", record->id, reason, why);
}

/* Takes a session out of memory. */
static void forget(struct session *session)
{
    struct sessions *sessions = session->sessions;

    proofs_drop(sessions->proofs, session->record.id);
    session_opener_leave(session);
    session_table_remove(&sessions->table, session);
    if (session->gone != NULL)
        sessions->gone--;
    session_record_free(&session->record);
    free(session->adopted);
    free(session);
}

/* From now on the session serves nobody; the next sweep ends it. */
static void mark_gone(struct session *session, const char *reason)
{
    if (session->gone != NULL)
        return;
    session->gone = reason;
    session->sessions->gone++;
    session_opener_leave(session);
    task_wake_all(&session->sessions->waiting);
}

/* The pidfd's watcher. */
static void opener_has_ended(void *argument)
{
    mark_gone(argument, REASON_ENDED);
}

/* Ends a session that is marked as gone: on disk, in the audit file, in memory. */
static void end_session(const struct host *host, struct session *session)
{
    const char *reason = session->gone;
    struct session_record closed;
    char why[1024], told[256];
    int error = session_record_close(host, session->record.id, &closed, why, sizeof why);

    snprintf(told, sizeof told, "%s%s", reason,
             session->sessions->opening ? ", as was seen when the service started" : "");
    /* Where another has ended it meanwhile, that one has said so as well. */
    if (error == 0)
        audit_end(host, &session->record, told);
    else if (error != ENOENT)
        log_error("session %s has ended (%s), but its record stays: %s", session->record.id, told,
                  why);
    session_record_free(&closed);
    forget(session);
}

/* Whether session_max has passed for a session. */
static bool is_too_old(const struct host *host, const struct session_record *record, time_t now)
{
    return host->policy != NULL && host->policy->session_max > 0 &&
           now - record->opened >= host->policy->session_max;
}

/*
 * Whether a session is alive at this moment, whatever has been noticed of it so far. One that is
 * not, and is not marked as gone either, is one of which nobody can tell.
 */
static bool is_alive(const struct host *host, struct session *session, time_t now)
{
    enum opener_life life;

    if (session->gone == NULL && is_too_old(host, &session->record, now))
        mark_gone(session, REASON_MAX);
    life = session->gone == NULL ? session_opener_lives(session) : OPENER_HAS_ENDED;
    if (life == OPENER_HAS_ENDED)
        mark_gone(session, REASON_ENDED);
    return life == OPENER_LIVES;
}

/* A session of this record, which is in no table yet and has taken the texts over; NULL without
 * memory, with the texts freed. */
static struct session *new_session(struct sessions *sessions, struct session_record *record)
{
    struct session *session = calloc(1, sizeof *session);

    if (session == NULL) {
        session_record_free(record);
        return NULL;
    }
    session->sessions = sessions;
    session->record = *record;
    session->watcher.fd = -1;
    memset(record, 0, sizeof *record);
    return session;
}

/* Reads the record of a live session. Returns 0 and *session, as new_session; an errno. */
static int read_session(struct sessions *sessions, const struct host *host, const char *id,
                        struct session **session)
{
    struct session_record record, kept;
    char why[1024];
    int error = session_record_read(host, id, &record, why, sizeof why);

    *session = NULL;
    if (error == EBADMSG) {
        snprintf(record.id, sizeof record.id, "%s", id);
        audit_end(host, &record, REASON_DAMAGED);
    } else if (error == 0 && record.ended != 0) {
        error = ENOENT;
    } else if (error == 0) {
        error = session_record_copy(&kept, &record);
        *session = error == 0 ? new_session(sessions, &kept) : NULL;
        error = *session != NULL ? 0 : ENOMEM;
    } else if (error != ENOENT) {
        log_warning_seldom("session %s: %s", id, why);
    }
    session_record_free(&record);
    return error;
}

/* Puts a session into the table, or frees it without memory. Returns 0 or an errno. */
static int keep_session(struct session *session)
{
    int error = session_table_add(&session->sessions->table, session);

    if (error != 0) {
        session_opener_leave(session);
        session_record_free(&session->record);
        free(session);
    }
    return error;
}

/* Takes in a session that was found on disk. */
static void take_in(struct sessions *sessions, const struct host *host, const char *id)
{
    struct session *session;
    const char *gone;
    int error = read_session(sessions, host, id, &session);

    if (error == 0) {
        gone = session_opener_find(session, host->boot_id, opener_has_ended);
        error = keep_session(session);
        if (error == 0 && gone != NULL)
            mark_gone(session, gone);
    }
    /* What could not be read for a passing reason is tried again at the next look. */
    if (error != 0 && error != ENOENT && error != EBADMSG)
        sessions->ids.look.settled = false;
}

/* Takes in what the other way of reaching the helper has opened, and lets go what it has closed.
 * Returns 0 or an errno. */
static int catch_up(struct sessions *sessions, const struct host *host)
{
    const struct session_ids *ids = &sessions->ids;
    char why[1024];
    bool changed;
    size_t i;
    int error = session_ids_update(host, &sessions->ids, &changed, why, sizeof why);

    if (error != 0)
        log_warning_seldom("no session can be served: %s", why);
    if (error != 0 || !changed)
        return error;
    for (i = sessions->table.count; i-- > 0;) {
        struct session *session = sessions->table.by_id[i];

        if (!session_ids_has(ids, session->record.id))
            forget(session);
    }
    for (i = 0; i < ids->count; i++)
        if (session_table_find(&sessions->table, ids->items[i]) == NULL)
            take_in(sessions, host, ids->items[i]);
    return 0;
}

/* Ends sessions that are marked as gone, `most` at the most. */
static void end_gone(struct sessions *sessions, const struct host *host, size_t most)
{
    size_t i;

    for (i = sessions->table.count; i-- > 0 && sessions->gone > 0 && most > 0;)
        if (sessions->table.by_id[i]->gone != NULL) {
            end_session(host, sessions->table.by_id[i]);
            most--;
        }
}

int sessions_open(const struct host *host, struct sessions **sessions, char *why, size_t why_size)
{
    struct sessions *opened = calloc(1, sizeof *opened);
    bool changed;
    size_t i;
    int error = 0;

    if (opened == NULL) {
        snprintf(why, why_size, "out of memory reading the session records");
        return ENOMEM;
    }
    /* Without a policy nobody knows which folder it is; once there is one, the first look tells. */
    if (host->policy != NULL)
        error = session_ids_update(host, &opened->ids, &changed, why, why_size);
    opened->proofs = host->proofs;
    opened->opening = true;
    for (i = 0; error == 0 && i < opened->ids.count; i++)
        take_in(opened, host, opened->ids.items[i]);
    end_gone(opened, host, opened->gone);
    opened->opening = false;
    if (error != 0) {
        sessions_free(opened);
        return error;
    }
    *sessions = opened;
    return 0;
}

void sessions_free(struct sessions *sessions)
{
    if (sessions == NULL)
        return;
    while (sessions->table.count > 0)
        forget(sessions->table.by_id[sessions->table.count - 1]);
    session_table_free(&sessions->table);
    session_ids_free(&sessions->ids);
    free(sessions);
}

int sessions_add(struct sessions *sessions, const struct host *host, struct session_record *record,
                 pid_t pid)
{
    struct session *session = session_table_find(&sessions->table, record->id);

    if (session != NULL) {
        session_record_free(record);
        return session->gone == NULL ? 0 : ESRCH;
    }
    session = new_session(sessions, record);
    if (session == NULL)
        return ENOMEM;
    if (session_opener_follow(session, pid, host->boot_id, opener_has_ended) == NULL)
        return keep_session(session);
    session_record_free(&session->record);
    free(session);
    return ESRCH;
}

void sessions_remove(struct sessions *sessions, const char *id)
{
    struct session *session = session_table_find(&sessions->table, id);

    if (session != NULL)
        forget(session);
}

/* Marks what is too old, and some of those whose process can only be looked for. */
static void mark_ended(struct sessions *sessions, const struct host *host, time_t now)
{
    const struct session_table *table = &sessions->table;
    size_t looked = 0, i;

    for (i = 0; i < table->count; i++)
        if (table->by_id[i]->gone == NULL && is_too_old(host, &table->by_id[i]->record, now))
            mark_gone(table->by_id[i], REASON_MAX);
    for (i = 0; i < table->count && looked < SWEEP_MOST; i++) {
        struct session *session = table->by_id[sessions->next_unwatched++ % table->count];

        if (session->gone == NULL && session->watcher.fd < 0) {
            is_alive(host, session, now);
            looked++;
        }
    }
}

void sessions_sweep(struct sessions *sessions, const struct host *host, time_t now)
{
    /* A broken policy names no folder, no audit file and no limit. */
    sessions->blocked = host->policy == NULL;
    if (sessions->blocked)
        return;
    if (now != sessions->swept)
        mark_ended(sessions, host, now);
    sessions->swept = now;
    end_gone(sessions, host, SWEEP_MOST);
    if (now - sessions->tidied >= TIDY_SECONDS || now < sessions->tidied) {
        /* First, as others have their turn meanwhile. */
        sessions->tidied = now;
        session_record_tidy(host, now);
    }
}

void sessions_wait(struct sessions *sessions, struct deadline deadline)
{
    const bool more = sessions->gone > 0 && !sessions->blocked;

    /* The others have their turn in either case. */
    task_wait(&sessions->waiting, more ? deadline_in_ms(0) : deadline);
}

void sessions_wake(struct sessions *sessions)
{
    task_wake_all(&sessions->waiting);
}

size_t sessions_count(const struct sessions *sessions)
{
    return sessions->table.count - sessions->gone;
}

bool sessions_knows(const struct sessions *sessions, uid_t uid)
{
    const struct session_table *table = &sessions->table;
    size_t first = session_table_of_uid(table, uid);

    return first < table->count && table->by_uid[first]->record.uid == uid;
}

bool sessions_has(struct sessions *sessions, const struct host *host, uid_t uid)
{
    if (!sessions_knows(sessions, uid) && host->policy != NULL)
        catch_up(sessions, host);
    return sessions_knows(sessions, uid);
}

/* Fills *serving with a session of which *record tells. */
static enum sessions_answer serve(struct serving *serving, const struct session_record *record,
                                  bool adopted, time_t ended_for)
{
    if (session_record_copy(&serving->record, record) != 0) {
        log_error("session %s cannot serve: out of memory", record->id);
        return SESSIONS_UNKNOWN;
    }
    serving->adopted = adopted;
    serving->ended_for = ended_for;
    return SESSIONS_FOUND;
}

/*
 * The newest live session of `uid` whose human is `human`, or the Unix user itself for NULL. Sets
 * *others when there are live ones at all, *unknown when there may be.
 */
static struct session *find_adopter(struct sessions *sessions, const struct host *host, uid_t uid,
                                    const char *human, time_t now, bool *others, bool *unknown)
{
    const struct session_table *table = &sessions->table;
    size_t i;

    *others = *unknown = false;
    for (i = session_table_of_uid(table, uid); i < table->count; i++) {
        struct session *session = table->by_uid[i];
        const struct session_record *record = &session->record;

        if (record->uid != uid)
            break;
        if (!is_alive(host, session, now)) {
            *unknown = *unknown || session->gone == NULL;
            continue;
        }
        *others = true;
        if (strcmp(record->human, human != NULL ? human : record->user) == 0)
            return session;
    }
    return NULL;
}

/* For how many seconds a session has ended that `detach` may still serve; -1 when it may not. */
static time_t detached_for(const struct host *host, const struct session_record *record, time_t now)
{
    time_t ended_for = now > record->ended ? now - record->ended : 0;

    if (host->policy == NULL || record->ended == 0 || record->revoked_by != NULL ||
        ended_for >= host->policy->longest_detach || is_too_old(host, record, now) ||
        host->boot_id[0] == '\0' || strcmp(record->boot_id, host->boot_id) != 0)
        return -1;
    return ended_for;
}

/* What serves a request that names no live session; *named is what is known of the one it named. */
static enum sessions_answer find_instead(struct sessions *sessions, const struct host *host,
                                         uid_t uid, const struct session_record *named, time_t now,
                                         struct serving *serving)
{
    time_t ended_for = named->human != NULL ? detached_for(host, named, now) : -1;
    const struct session *adopter;
    bool others, unknown;

    if (named->human != NULL && named->uid != uid)
        return SESSIONS_FOREIGN;
    if (named->revoked_by != NULL)
        return SESSIONS_REVOKED;
    adopter = find_adopter(sessions, host, uid, named->human, now, &others, &unknown);
    if (adopter != NULL)
        return serve(serving, &adopter->record, true, -1);
    if (ended_for >= 0)
        return serve(serving, named, false, ended_for);
    if (unknown)
        return SESSIONS_UNKNOWN;
    return others ? SESSIONS_SEVERAL : SESSIONS_NONE;
}

enum sessions_answer sessions_find(struct sessions *sessions, const struct host *host, uid_t uid,
                                   const char *id, time_t now, struct serving *serving)
{
    struct session_record named = {.human = NULL};
    struct session *session;
    enum sessions_answer answer;
    char why[1024];
    int error;

    memset(serving, 0, sizeof *serving);
    if (host->policy == NULL)
        return SESSIONS_NONE;
    /* In this order, as others have their turn in a sweep. */
    sessions_sweep(sessions, host, now);
    if (catch_up(sessions, host) != 0)
        return SESSIONS_UNKNOWN;
    if (!session_id_is_valid(id))
        return find_instead(sessions, host, uid, &named, now, serving);
    session = session_table_find(&sessions->table, id);
    if (session != NULL && session->record.uid != uid)
        return SESSIONS_FOREIGN;
    if (session != NULL && is_alive(host, session, now))
        return serve(serving, &session->record, false, -1);
    if (session != NULL && session->gone == NULL)
        return SESSIONS_UNKNOWN;
    /* Its record must say so before it is read. */
    if (session != NULL)
        end_session(host, session);
    error = session_record_read(host, id, &named, why, sizeof why);
    if (error != 0 && error != ENOENT && error != EBADMSG) {
        log_warning_seldom("session %s: %s", id, why);
        answer = SESSIONS_UNKNOWN;
    } else if (error == 0 && session == NULL && named.uid == uid && named.ended == 0) {
        /* It lives, and could not be taken in. */
        answer = SESSIONS_UNKNOWN;
    } else {
        answer = find_instead(sessions, host, uid, &named, now, serving);
    }
    session_record_free(&named);
    return answer;
}

bool sessions_has_adopted(const struct sessions *sessions, const char *id, const char *from)
{
    const struct session *session = session_table_find(&sessions->table, id);

    return session != NULL && session_has_adopted(session, from);
}

void sessions_note_adopted(struct sessions *sessions, const char *id, const char *from)
{
    struct session *session = session_table_find(&sessions->table, id);

    if (session != NULL)
        session_note_adopted(session, from);
}

void serving_free(struct serving *serving)
{
    session_record_free(&serving->record);
}

/* Whether an ended session that serves may still do so; it may have been revoked meanwhile. */
static bool still_detached(const struct host *host, struct serving *serving, time_t now)
{
    struct session_record record;
    char why[1024];
    int error = session_record_read(host, serving->record.id, &record, why, sizeof why);
    bool still = error == 0 && detached_for(host, &record, now) >= 0;

    serving->unknown = error != 0 && error != ENOENT && error != EBADMSG;
    session_record_free(&record);
    return still;
}

bool sessions_still(struct sessions *sessions, const struct host *host, struct serving *serving,
                    time_t now)
{
    struct session *session;

    serving->unknown = host->policy != NULL && catch_up(sessions, host) != 0;
    if (host->policy == NULL || serving->unknown)
        return false;
    if (serving->ended_for >= 0)
        return still_detached(host, serving, now);
    session = session_table_find(&sessions->table, serving->record.id);
    if (session == NULL)
        return false;
    if (is_alive(host, session, now))
        return true;
    serving->unknown = session->gone == NULL;
    return false;
}
