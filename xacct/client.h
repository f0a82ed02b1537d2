/*
 * The talk with the service: one connection, a greeting, one question, one reply of one or more
 * frames. Source: common/wire.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_CLIENT_H
#define XACCT_XACCT_CLIENT_H

#include <stdbool.h>
#include <stdint.h>

#include "common/deadline.h"
#include "common/frame.h"
#include "common/status.h"
#include "common/wire.h"

#define CLIENT_FAILURE_SIZE 2048

/* Milliseconds for a whole talk: what may need AWS, and what the service answers by itself. */
#define CLIENT_ASSUME_MS 10000
#define CLIENT_ASK_MS    5000

/* What is asked. The session is that of XACCT_SESSION, when it has the form of one. */
struct question {
    const char *op;      /* WIRE_OP_* */
    const char *role;    /* or NULL */
    const char *purpose; /* WIRE_PURPOSE_*, or NULL */
    int64_t min_life;    /* seconds, or 0 */
    bool fresh;
    const char *base, *region; /* of examine, as root: see common/wire.h; or NULL */
    bool wrong_external_id;    /* likewise */
    bool names;                /* of metrics, as root or the helper's user: likewise */
    const char *human, *ruser; /* of revoke, as root: whose, and who asks; or NULL */
    bool dry_run;              /* likewise */
    bool has_loginuid, has_audit_session;
    int64_t loginuid, audit_session; /* likewise: of this process */
    int64_t timeout_ms;
};

enum answer {
    ANSWER_NONE,     /* there is none, and `failure` says why */
    ANSWER_REFUSED,  /* the service says no, and `failure` says why */
    ANSWER_PERMITTED /* `reply` holds it */
};

struct client {
    const char *socket; /* path; the caller's */
    int fd;             /* or -1 */
    struct deadline deadline;
    struct frame reply;                /* the last frame, in memory of its own that is wiped */
    enum status status;                /* of ANSWER_REFUSED */
    char failure[CLIENT_FAILURE_SIZE]; /* one sentence: what, why, what next; escaped */
};

/* Prepares a client for the service at `socket`. Nothing is connected yet. */
void client_init(struct client *client, const char *socket);

/*
 * Connects, asks, and receives the first frame of the reply. The service must be root's or run as
 * the owner of the folder that its socket lies in, and must greet within two seconds.
 */
enum answer client_ask(struct client *client, const struct question *question);

/*
 * As client_ask, of whoever is at the other end of `fd`, a connected socket that is taken over: a
 * helper that was started for it. Nothing but messages is made of client->socket.
 */
enum answer client_ask_on(struct client *client, int fd, const struct question *question);

/* Receives the next frame of a reply of several; the one before is gone. */
enum answer client_next(struct client *client);

/* Says on standard error what `failure` holds. */
void client_complain(const struct client *client);

/* Ends the connection and overwrites what was received. */
void client_close(struct client *client);

#endif
