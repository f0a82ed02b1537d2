/*
 * The sessions that live, in memory, over their records on disk: for the service, which has to say
 * at each request of a user whether there is a live session that it may be served in.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SESSIONS_H
#define XACCT_HELPER_SESSIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "common/deadline.h"
#include "helper/host.h"
#include "helper/session_record.h"

struct sessions;

/*
 * Reads the records and ends, with a line in the audit file, those whose process has gone while
 * nobody looked: another boot, no such pid, another start time, or in doubt. Whatever ends a
 * session from now on drops its proofs of host->proofs, where that is not NULL. Returns 0 with
 * *sessions, or an errno with a sentence in `why`.
 */
int sessions_open(const struct host *host, struct sessions **sessions, char *why, size_t why_size);
void sessions_free(struct sessions *sessions);

/*
 * Takes in a session that was recorded just now by session_record_open, which gave *record (it is
 * emptied: its texts are taken over, or freed with an error), and whose process `pid` (the
 * peer's, as the kernel says; still waiting for its reply) is watched from now on. Where the kernel
 * says 0, as for a peer in another PID namespace, it is the one that the record names, if it can be
 * seen to have started when that says. To be called before anything that waits. Returns 0; ESRCH
 * when the process has gone; or an errno. What was recorded stays the caller's to close then.
 */
int sessions_add(struct sessions *sessions, const struct host *host, struct session_record *record,
                 pid_t pid);

/* A session has been closed by its module: it is taken out of memory. Unknown ids are fine. */
void sessions_remove(struct sessions *sessions, const char *id);

/*
 * Ends sessions whose process has gone or that are older than the policy's session_max, each with a
 * line in the audit file, some at a time so that a thousand of them stall nobody; and forgets ended
 * ones that nothing (detach) needs any more. None of them serves anybody meanwhile. To be called
 * whenever sessions_wait returns, and by sessions_find itself.
 */
void sessions_sweep(struct sessions *sessions, const struct host *host, time_t now);

/*
 * Waits, in a task, until there is something to sweep, the deadline passes, or sessions_wake is
 * called, as when the service ends. The other tasks have their turn in any case.
 */
void sessions_wait(struct sessions *sessions, struct deadline deadline);
void sessions_wake(struct sessions *sessions);

/* How many live sessions there are. */
size_t sessions_count(const struct sessions *sessions);

/* Whether a session of `uid` is in memory, at no cost; it may be about to be ended. */
bool sessions_knows(const struct sessions *sessions, uid_t uid);

/* As sessions_knows, once those are taken in that the other way has opened: for limits. */
bool sessions_has(struct sessions *sessions, const struct host *host, uid_t uid);

/* What a user's request is served in. Texts are owned copies: the session may end meanwhile. */
struct serving {
    struct session_record record;
    bool adopted; /* it is not the one that was named */
    time_t
        ended_for; /* seconds since it ended: only a grant with a longer `detach` counts; or -1 */
    bool unknown;  /* when it was looked at last, nobody could tell whether it lives */
};

enum sessions_answer {
    SESSIONS_FOUND,
    SESSIONS_NONE,    /* the uid has no live session, and no ended one was named */
    SESSIONS_FOREIGN, /* the named session is another uid's */
    SESSIONS_REVOKED, /* the named session was ended by xacct revoke */
    SESSIONS_SEVERAL, /* the named session is not alive, and the uid's live ones are several
                         humans', or another human's than the named one was */
    SESSIONS_UNKNOWN  /* nobody can tell, as a record cannot be read, or memory is missing */
};

/*
 * Which session serves a request of `uid` that names `id` (NULL: none), as of `now`. What changed
 * on disk since (sessions that the other way of reaching the helper opened or closed) is taken in
 * first. A live session of that id and uid serves. One that has ended while the policy has a grant
 * with detach serves itself too, ended_for saying since when, unless a live one of the same human
 * can adopt it; for as long as the longest detach, within session_max, and not after a reboot. One
 * that was revoked serves nobody, and is adopted by none. Else
 * the newest live session of the uid whose human is that of the named one adopts; where nothing is
 * known of the named one, or none is named, its human is taken to be the Unix user itself. FOUND
 * fills *serving, which the caller frees. When a record that matters cannot be read, which the log
 * tells, it is UNKNOWN: another human's session must not adopt meanwhile, nor a user be told that
 * theirs has ended. When the policy is broken, there is NONE.
 */
enum sessions_answer sessions_find(struct sessions *sessions, const struct host *host, uid_t uid,
                                   const char *id, time_t now, struct serving *serving);
void serving_free(struct serving *serving);

/* Whether it has been noted that the live session `id` adopted what `from` left; and noting it. */
bool sessions_has_adopted(const struct sessions *sessions, const char *id, const char *from);
void sessions_note_adopted(struct sessions *sessions, const char *id, const char *from);

/*
 * Whether the session that serves may still do so: asked again before a reply leaves. Sets
 * serving->unknown where it may not because nobody can tell.
 */
bool sessions_still(struct sessions *sessions, const struct host *host, struct serving *serving,
                    time_t now);

#endif
