/*
 * xacct trace: the human, the login and the rule behind CloudTrail events. Between trace*.c only.
 *
 * Source of what the members of events mean: CloudTrail User Guide, "CloudTrail record contents"
 * and "CloudTrail userIdentity element"; IAM User Guide, "Monitor and control actions taken with
 * assumed roles".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_TRACE_H
#define XACCT_XACCT_ADMIN_TRACE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "policy/arena.h"
#include "policy/index.h"
#include "xacct/text.h"

/* A hand-out of credentials that the audit file tells of: xacct-audit(5). NULL: it does not say. */
struct handout {
    time_t at;
    time_t expiry; /* of the credentials; 0: not said */
    const char *key;
    const char *request_id;
    const char *human, *identity, *user, *key_id;
    const char *session, *service, *address, *host;
    const char *role, *role_arn, *account_id;
    const char *session_name, *source_identity;
    const char *purpose, *operation, *rule, *policy_hash;
    const char *opened; /* when the session was opened, in UTC */
};

/* By what an event is joined to hand-outs, from the strongest. */
enum join {
    JOIN_NONE,
    JOIN_KEY,             /* its access key was handed out */
    JOIN_ISSUE,           /* it is the request that issued a key which was */
    JOIN_ONWARD,          /* its key comes, by AssumeRole, from one that was */
    JOIN_NAME,            /* it has no key that could have been handed out: by its session's name */
    JOIN_SOURCE_IDENTITY, /* a role that is not handed out, by the source identity */
};

/* One event. Texts that it lacks are NULL. */
struct trace_event {
    const char *id, *time_text, *name, *source, *account_id;
    const char *key;        /* that it was signed with */
    const char *issued_key; /* that it was answered with, of STS */
    const char *request_id, *shared_id;
    const char *role_arn;  /* of the session, without the session's name */
    const char *arn;       /* of the session itself, with it and without the role's path */
    const char *caller_id; /* of the account that the session is of */
    const char *session_name;
    const char *source_identity;
    const char *ip, *agent;
    const char *invoked_by; /* a service that acts on behalf of the session */
    bool from_console;
    time_t at;      /* 0: it does not say */
    time_t created; /* when the session was; likewise */

    enum join join;
    size_t *logins; /* places of hand-outs: one for each session that it may be of */
    size_t login_count;
    size_t parent;      /* of JOIN_ONWARD: the place of the AssumeRole before */
    const char *reason; /* why it names nobody */
};

/* By what of an event its hand-outs are looked for. */
enum trace_by { BY_KEY, BY_REQUEST, BY_NAME, BY_SOURCE_IDENTITY, BY_COUNT };

/* A key, request id, session name or source identity of an event, and its hand-outs. */
struct trace_found {
    const char *text; /* the event's */
    size_t *items;    /* places of hand-outs, in the order of the audit file */
    size_t count;
    bool is_doctors; /* the request of xacct doctor, which tries roles and hands nothing out */
};

struct trace {
    struct trace_event *events; /* in the order in which they were read */
    size_t count;
    struct handout *handouts; /* that may be behind one of them */
    size_t handout_count;
    struct index found[BY_COUNT]; /* struct trace_found: what of the events was looked for */
    /* What was looked through: the whole audit file. */
    time_t audit_from, audit_to;
    unsigned long files, lines;
    struct arena memory;
};

/* What was looked for by this text, or NULL; of NULL too. */
struct trace_found *trace_find(const struct trace *trace, enum trace_by by, const char *text);

/* Whether the hand-out's credentials may have lived at this moment, clocks being a little apart. */
bool trace_covers(const struct handout *handout, time_t at);

/*
 * Reads the events of a regular file, or of standard input, whatever it is, where `path` is NULL.
 * Returns false after a complaint.
 */
bool trace_read(struct trace *trace, const char *path);

/* Finds the hand-outs in the audit file at `path`. Returns false after a complaint. */
bool trace_look_up(struct trace *trace, const char *path);

/* Joins each event to those it may be owed to, or says why there are none. */
void trace_join(struct trace *trace);

/* The human of the event's logins; NULL where there is none or they are not all one's. */
const char *trace_human(const struct trace *trace, const struct trace_event *event);

/*
 * Of an event that is JOIN_ONWARD the number of roles that were assumed since a key of ours, which
 * *key then is; 0 of another, and *key is NULL.
 */
size_t trace_steps(const struct trace *trace, const struct trace_event *event, const char **key);

/* Append what was found: for people, and for programs. */
void trace_add_text(const struct trace *trace, struct text *text);
void trace_add_json(const struct trace *trace, struct text *text);

void trace_free(struct trace *trace);

#endif
