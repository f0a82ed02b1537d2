/*
 * Ending the sessions of a human.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/revoke.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"
#include "helper/audit.h"
#include "helper/aws_clock.h"
#include "helper/cache.h"
#include "helper/log.h"
#include "helper/revocation.h"
#include "helper/session_end.h"
#include "helper/session_origin.h"
#include "helper/task.h"

void revoked_free(struct revoked *revoked)
{
    size_t i;

    if (revoked == NULL)
        return;
    for (i = 0; i < revoked->count; i++)
        session_record_free(&revoked->records[i]);
    free(revoked->records);
    free(revoked->by);
    free(revoked);
}

/* Something could not be done; the rest is. */
static void fail(struct progress *progress, const char *why)
{
    log_error("reference %s: %s", progress->request->reference, why);
    if (progress->outcome.status == STATUS_PERMITTED)
        outcome_set(&progress->outcome, STATUS_UNAVAILABLE, "%s", why);
}

/* Who asks, which the caller frees; NULL without memory. */
static char *who_asks(const struct progress *progress)
{
    const struct request *request = progress->request;
    struct session_record origin = {.human = NULL};
    char why[1024], *who;

    if (request->has_loginuid && request->has_audit_session &&
        session_origin_find(progress->host, request, &origin, why, sizeof why) == ORIGIN_FOUND)
        who = strdup(origin.human);
    else
        who = strdup(request->ruser[0] != '\0' ? request->ruser : "root");
    session_record_free(&origin);
    return who;
}

/* Adds a session, whose record it takes over. */
static void add(struct progress *progress, struct session_record *record)
{
    struct revoked *revoked = progress->revoked;

    if (revoked->count == revoked->room) {
        size_t room = revoked->room > 0 ? 2 * revoked->room : 16;
        struct session_record *more = realloc(revoked->records, room * sizeof *more);

        if (more == NULL) {
            fail(progress, "out of memory listing sessions that were ended");
            session_record_free(record);
            return;
        }
        revoked->records = more;
        revoked->room = room;
    }
    revoked->records[revoked->count++] = *record;
}

/* Ends a session, of which *record tells then. Returns whether it is we who ended it. */
static bool end(struct progress *progress, const char *id, struct session_record *record)
{
    struct host *host = progress->host;
    char why[1024], reason[ESCAPE_MAX + 32], shown[ESCAPE_MAX];
    int error = session_record_revoke(host, id, progress->revoked->by, record, why, sizeof why);

    if (error != 0 && error != ENOENT)
        fail(progress, why);
    if (host->sessions != NULL)
        sessions_remove(host->sessions, id);
    if (error != 0)
        return false;
    snprintf(reason, sizeof reason, "it was revoked by %s",
             escape(shown, sizeof shown, progress->revoked->by));
    if (session_end_audit(host, record, reason, progress->request->reference, why, sizeof why) != 0)
        fail(progress, why);
    return true;
}

/* Looks at a live session, and ends it where it is the human's. */
static void look_at(struct progress *progress, const char *id)
{
    const struct request *request = progress->request;
    struct session_record record;
    char why[1024];
    int error = session_record_read(progress->host, id, &record, why, sizeof why);
    bool is_theirs;

    /* A damaged one has been removed, which has ended it, whoever's it was. */
    if (error != 0 && error != ENOENT && error != EBADMSG)
        fail(progress, why);
    if (error != 0)
        return;
    is_theirs = record.ended == 0 && strcmp(record.human, request->human) == 0;
    if (is_theirs && !request->dry_run) {
        session_record_free(&record);
        is_theirs = end(progress, id, &record);
    }
    if (is_theirs)
        add(progress, &record);
    else
        session_record_free(&record);
}

/* Goes through the live sessions on disk, which are those of both ways of reaching the helper. */
static void look_at_all(struct progress *progress)
{
    struct session_ids ids = {.items = NULL};
    char why[1024];
    bool changed;
    size_t i;

    if (session_ids_update(progress->host, &ids, &changed, why, sizeof why) != 0)
        fail(progress, why);
    for (i = 0; i < ids.count; i++) {
        if (i % SESSION_RECORDS_AT_ONCE == SESSION_RECORDS_AT_ONCE - 1)
            task_pause(0);
        look_at(progress, ids.items[i]);
    }
    session_ids_free(&ids);
}

/* Writes what was done as a whole. */
static void audit(struct progress *progress)
{
    const struct request *request = progress->request;
    const struct audit_event line = {
        .event = AUDIT_REVOKED,
        .status = progress->outcome.status,
        .reason = progress->outcome.reason,
        .operation = operation_name(request->operation),
        .ruser = request->ruser,
        .human = request->human,
        .reference = request->reference,
        .revoked_by = progress->revoked->by,
        .counts_sessions = true,
        .sessions = progress->revoked->count,
    };
    char why[1024];

    if (audit_write(progress->host, &line, why, sizeof why) != 0)
        fail(progress, why);
}

/* Ends what there is. */
static void revoke(struct progress *progress)
{
    const char *human = progress->request->human;
    struct host *host = progress->host;
    char why[1024];

    /* Before anything is looked at: what is opened from now on is refused where it began before. */
    if (revocation_note(host, human, why, sizeof why) != 0)
        fail(progress, why);
    look_at_all(progress);
    if (session_record_revoke_ended(host, human, progress->revoked->by, why, sizeof why) != 0)
        fail(progress, why);
    if (host->cache != NULL)
        cache_drop(host->cache, human);
}

void revoke_human(struct progress *progress)
{
    const struct request *request = progress->request;
    struct revoked *revoked = calloc(1, sizeof *revoked);
    struct outcome *outcome = &progress->outcome;

    progress->revoked = revoked;
    if (revoked != NULL)
        revoked->by = who_asks(progress);
    if (revoked == NULL || revoked->by == NULL) {
        outcome_set(outcome, STATUS_UNAVAILABLE, "out of memory revoking a human");
        return;
    }
    outcome_set(outcome, STATUS_PERMITTED, "%s",
                request->dry_run ? "nothing was ended, as was asked"
                                 : "every live session of this human has been ended");
    if (request->dry_run)
        look_at_all(progress);
    else
        revoke(progress);
    /* The next second, as AWS tells in whole ones when it issued something. */
    revoked->at = aws_clock_now() + 1;
    if (!request->dry_run)
        audit(progress);
}
