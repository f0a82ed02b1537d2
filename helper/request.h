/*
 * What is asked, and by whom: a frame and the kernel's word, made into a struct that is known to be
 * well formed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_REQUEST_H
#define XACCT_HELPER_REQUEST_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>
#include <time.h>

#include "common/deadline.h"
#include "common/frame.h"
#include "common/status.h"
#include "common/wire.h"

/* The longest user or service name, address or terminal that is listened to, in bytes. */
#define REQUEST_TEXT_MAX ((size_t)255)

enum operation {
    /* Of the module, as root. */
    OPERATION_OPEN,
    OPERATION_CLOSE,
    OPERATION_CHECK,
    /* Of a user, for themselves. */
    OPERATION_LIST,
    OPERATION_ASSUME,
    OPERATION_CONSOLE,
    OPERATION_DEFAULT,
    OPERATION_STATUS,
    /* Of any program, for NSS. */
    OPERATION_GROUPS,
    /* Of xacct doctor, as root. */
    OPERATION_EXAMINE,
    /* Of xacct metrics, as root or as the helper's own user. */
    OPERATION_METRICS,
    /* Of xacct revoke, as root. */
    OPERATION_REVOKE,
    OPERATION_COUNT
};

/* Who is at the other end, as the kernel says. */
struct peer {
    uid_t uid;
    pid_t pid; /* 0 where it is in a process namespace that ours does not see */
};

/* Texts lie in the frame, which must outlive the request, and which may hold secrets. */
struct request {
    enum operation operation;
    struct peer peer;
    /* Of a user's request these are the session's that serves it, set once that is known. */
    const char *user;    /* PAM_USER: as typed, not yet as NSS knows it; of groups: or "" */
    const char *service; /* PAM service */
    const char *address; /* the remote host, or "" */
    const char *tty;     /* or "" */
    const char *ruser;   /* PAM_RUSER, as the module has it, or "" */
    bool has_loginuid;   /* the kernel knows who logged in first: */
    uid_t loginuid;
    bool has_audit_session; /* and in which login, since the boot: */
    uint32_t audit_session;
    const char *auth_info; /* open, of sshd: SSH_AUTH_INFO_0; NULL where it is not known */
    /* open: what the user's SSO left for the session; secrets, NULL where there is none. */
    const char *web_identity_token;
    const char *saml_assertion; /* in Base64 */
    const char *session;        /* the session's id, well formed, or NULL where none is named */
    const char *role;           /* of a user's request, and of examine: the role that it is about,
                                   or NULL */
    const char *group;          /* of groups: the name that is looked up, or NULL */
    bool has_gid;               /* of groups: the number is looked up, */
    gid_t gid;                  /* which is this */
    const char *base;           /* of examine: name of the [base] that it is about, or NULL */
    const char *region;         /* of examine: whose STS is asked, or NULL */
    bool wrong_external_id;     /* of examine: the role is tried with one that is not its own */
    bool names;                 /* of metrics: what the policy calls things is told */
    const char *human;          /* of revoke: whose sessions are to end */
    bool dry_run;               /* of revoke: none is */
    const char *purpose;        /* of assume: one of WIRE_PURPOSE_*, or NULL */
    long min_life;              /* seconds that credentials must have left; 0: as the policy says */
    bool fresh;                 /* not the credentials that are in memory */
    bool ended;                 /* the session that serves a user's request has ended, */
    time_t ended_for;           /* so many seconds ago */
    char reference[REFERENCE_SIZE];
    pid_t pid;            /* open: the process that opens the session */
    long long start_time; /* open: its start, in clock ticks since boot, as proc(5) has it */
    bool debug;
    bool log;                 /* how it comes out is ours to log, and not the module's */
    struct deadline deadline; /* for the reply to be on its way */
};

#define UID_OVERFLOW 65534U /* of uids that our user namespace does not have */

/*
 * Who is at the other end of a connected Unix socket, as SO_PEERCRED says. Returns 0 and sets
 * *peer, or an errno (ENOTSOCK when `fd` is no socket).
 */
int request_peer(int fd, struct peer *peer);

/*
 * Reads a request from a received frame that `peer` has sent: the module's operations are uid 0's
 * alone, a user's are everybody else's, NSS's are anybody's, what is counted is uid 0's and that of
 * our own user, who holds all that it is counted from; but the overflow uid, which many of
 * another user namespace share, has none. Returns PERMITTED and fills *request; else the status to
 * answer with, and a sentence in `why`. Reference and peer are set in either case; a user's request
 * gets a reference of our own making. The time that the caller has left counts from `since`.
 */
enum status request_parse(const struct frame *frame, struct peer peer, struct deadline since,
                          struct request *request, char *why, size_t why_size);

/* The name of an operation on the wire. */
const char *operation_name(enum operation operation);

#endif
