/*
 * The records of sessions, one file each in a folder that only the helper's user can enter: who
 * opened what, from where, in which process. No secret is in them. Both ways of reaching the helper
 * write and read the same records, at the same moment if need be.
 *
 * ID.json is a live session, ID.ended one that has ended and is yet needed: while a grant has
 * `detach`, or to know whose it was where several humans share a Unix user, or with which
 * certificate it was opened. Whoever takes ID.json away has ended the session, and nobody else.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SESSION_RECORD_H
#define XACCT_HELPER_SESSION_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "common/wire.h"
#include "helper/host.h"
#include "helper/identity.h"
#include "helper/own_folder.h"
#include "helper/request.h"

/* Of ended sessions that are kept, this many, and this long unless a grant's `detach` is longer. Of
 * more, those go of which their human has the most newer ones: nobody's logins end another's. */
#define SESSION_RECORDS_ENDED_MOST 4096
#define SESSION_RECORDS_ENDED_FOR  (7 * 24 * 3600) /* seconds */

/* So many records are read before other tasks have their turn: a few milliseconds' work. */
#define SESSION_RECORDS_AT_ONCE 64

/* A role, as it was when a session was opened with it. All NULL: none. */
struct session_role {
    char *name;
    char *account;     /* its name */
    char *account_id;  /* its number */
    struct texts tags; /* that were sent to AWS, each KEY=VALUE */
};

/* One session. Texts are owned, one by one or in one piece; NULL where nothing is known. */
struct session_record {
    char id[SESSION_ID_SIZE];
    uid_t uid;
    char *user;   /* Unix user, as NSS knew it */
    char *typed;  /* the name that was logged in with, where it is another */
    char *human;  /* identity */
    char *source; /* where that came from: identity_source_name */
    char *opener; /* the Unix user who is behind it, where that is another: struct identity */
    char *ruser;  /* whom su or sudo named as who asks */
    char *service;
    char *address; /* that the human came from */
    char *tty;
    char *reference;             /* of the request that opened it */
    char *host;                  /* this host's name then */
    struct session_role started; /* the role that it was opened with */
    char *revoked_by;            /* who had it ended by xacct revoke: it serves nobody any more, and
                                    no other one adopts what it left; NULL where nobody had */
    time_t opened;               /* seconds since 1970 */
    time_t ended;                /* or 0 while it is alive */
    pid_t pid;            /* of the process that opened it, as its module said; 0 when unknown */
    long long start_time; /* of that process, in clock ticks since boot; 0 when unknown */
    char boot_id[BOOT_ID_SIZE];
    bool has_audit_session; /* it is where a human logged in, and the kernel's number of that is: */
    uint32_t audit_session;
    bool auth_known;   /* how it was authenticated: */
    struct texts auth; /* the methods, as in struct login */
    /* Of the certificate that named the human; without one `authority_key` is NULL. */
    char *authority;     /* the name of its [ca] then */
    char *authority_key; /* a hash of that one's key: struct identity */
    char *key_id;
    struct texts principals;
    time_t certificate_ends; /* the first second at which it is valid no more; 0: never */
    void *piece; /* a copy's: the memory of all its texts, none of which is replaced then; NULL:
                    each has its own */
};

/* Writes a fresh session id, 128 random bits, to `id`. Returns 0 or an errno. */
int session_record_id(char id[SESSION_ID_SIZE]);

/*
 * Records the session `id` that `request` opens for `identity` at `now` (seconds since 1970), with
 * the role `started`, or none for NULL: whole or not at all; and, of one with a certificate, its
 * user (helper/certified_users.h). Returns 0,
 * with what session_record_read would say in *record, which the caller frees, unless that is NULL;
 * or an errno with a sentence in `why` that names the file.
 */
int session_record_open(const struct host *host, const struct request *request,
                        const struct identity *identity, const struct session_role *started,
                        const char *id, time_t now, struct session_record *record, char *why,
                        size_t why_size);

/*
 * Keeps who it is whose session `request` opened for `identity` at `now` without us, as it was
 * refused, and may go on where the stack lets it: as an ended session that nobody can name. Only
 * for who shows a certificate, or might have, and of a certificate its user as well
 * (helper/certified_users.h); others are who their Unix user is. What cannot be kept is told to the
 * log.
 */
void session_record_note(const struct host *host, const struct request *request,
                         const struct identity *identity, time_t now);

/*
 * Reads the record of `id`, alive or ended, which the caller frees. Returns 0; ENOENT when there is
 * none, or `id` is no id; EBADMSG when it was damaged: then it has been removed, by us alone, and
 * the log says so; or an errno with a sentence in `why`.
 */
int session_record_read(const struct host *host, const char *id, struct session_record *record,
                        char *why, size_t why_size);

/*
 * Ends the session `id`: takes its record away, or keeps it as that of an ended session, and fills
 * *record, which the caller frees; a damaged one leaves it without texts. Returns 0; ENOENT when
 * there is no such live session, or another ended it first; or an errno with a sentence in `why`.
 */
int session_record_close(const struct host *host, const char *id, struct session_record *record,
                         char *why, size_t why_size);

/*
 * As session_record_close for one that `by` has ended, and whose record is kept in any case, so
 * that whoever names it is told.
 */
int session_record_revoke(const struct host *host, const char *id, const char *by,
                          struct session_record *record, char *why, size_t why_size);

/*
 * Marks the records of ended sessions of `human` as revoked by `by`: `detach` serves none of them
 * any more, and no other session adopts what they left. One walk through the folder. Returns 0, or
 * an errno with a sentence in `why` where one of them is not marked.
 */
int session_record_revoke_ended(const struct host *host, const char *human, const char *by,
                                char *why, size_t why_size);

/*
 * Gives *copy a copy with texts of its own; an empty one says nothing and is none. They lie in one
 * piece of memory, which takes half of what they would each by itself: so the service keeps its
 * sessions. Returns 0, or ENOMEM with *copy empty.
 */
int session_record_copy(struct session_record *copy, const struct session_record *record);

/* Frees the texts and empties the record. */
void session_record_free(struct session_record *record);

/* The ids of the live sessions, in their order, as of `look`. All zero at first. */
struct session_ids {
    char (*items)[SESSION_ID_SIZE];
    size_t count;
    struct own_folder_look look;
};

/*
 * Brings the ids up to date, which costs next to nothing while nobody opens or closes sessions.
 * Sets *changed where there may be others than before. Returns 0, or an errno with a sentence in
 * `why`; the ids are the former ones then.
 */
int session_ids_update(const struct host *host, struct session_ids *ids, bool *changed, char *why,
                       size_t why_size);

/* Whether `id` is among them. */
bool session_ids_has(const struct session_ids *ids, const char id[SESSION_ID_SIZE]);

void session_ids_free(struct session_ids *ids);

/*
 * Removes the records of ended sessions that nothing needs any more as of `now`, and what killed
 * writers left behind. One walk through the folder.
 */
void session_record_tidy(const struct host *host, time_t now);

#endif
