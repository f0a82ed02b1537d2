/*
 * The conversation with the helper, and the two ways to one: the service that is there already, and
 * a helper that is started for the one request. exchange.c chooses.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_PAM_XACCT_TALK_H
#define XACCT_PAM_XACCT_TALK_H

#include "pam_xacct/internal.h"

/* How a conversation came out. */
enum talk {
    TALK_ANSWERED,   /* a reply was taken into the call's outcome */
    TALK_FAILED,     /* the outcome says why there is none */
    TALK_BROKEN_OFF, /* the other end hung up; the outcome says before what */
    TALK_ABSENT      /* there is no other end; the outcome says so */
};

/* The other end. */
struct peer {
    int fd;                  /* a connected stream socket; the caller's */
    const char *kind, *path; /* for the log: "helper" and its program, "service" and its socket */
    struct deadline greeting_by; /* not after the call's answer_by */
    int64_t greeting_ms;         /* how long that is, for the log */
};

/*
 * talk.c: builds the request in the memory of call->reply, awaits the greeting, sends the request
 * and wipes it, and takes the reply into call->reply and call->outcome, all by call->answer_by.
 * `session` is the id to close, or NULL. Whatever comes is hostile until it is checked; what is no
 * whole frame of a version and with a status that this module knows is no reply, and then the frame
 * is empty. Never TALK_ABSENT.
 */
enum talk talk_with(struct call *call, const struct peer *peer, const char *session);

/*
 * service.c: asks the service on call->options.socket. Nothing is sent before the folders above the
 * socket, the uid of the peer and its greeting are as they must be; with all that the service may
 * take 500 ms, and never more than a third of what is left, so that there is time for the other
 * way. TALK_ABSENT when there is no such socket.
 */
enum talk service_ask(struct call *call, const char *session);

/*
 * once.c: starts the helper for this one request and leaves nothing of it behind, by
 * call->done_by. Returns whether it answered; when not, the outcome says why.
 */
bool once_ask(struct call *call, const char *session);

#endif
