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
#include <sys/types.h>

#include "common/deadline.h"
#include "common/frame.h"
#include "common/status.h"
#include "common/wire.h"

/* The longest user or service name, address or terminal that is listened to, in bytes. */
#define REQUEST_TEXT_MAX ((size_t)255)

enum operation { OPERATION_OPEN, OPERATION_CLOSE, OPERATION_CHECK };

/* Texts lie in the frame, which must outlive the request. */
struct request {
    enum operation operation;
    const char *user;    /* PAM_USER: as typed, not yet as NSS knows it */
    const char *service; /* PAM service */
    const char *address; /* the remote host, or "" */
    const char *tty;     /* or "" */
    const char *session; /* close: the session's id; else NULL */
    char reference[REFERENCE_SIZE];
    pid_t pid;            /* open: the process that opens the session */
    long long start_time; /* open: its start, in clock ticks since boot, as proc(5) has it */
    bool debug;
    struct deadline deadline; /* for the reply to be on its way */
};

/*
 * Who is at the other end of a connected Unix socket, as SO_PEERCRED says. Returns 0 and sets *uid,
 * or an errno (ENOTSOCK when `fd` is no socket).
 */
int request_peer(int fd, uid_t *uid);

/*
 * Reads a request from a received frame. `uid` is the kernel's word on who sent it: uid 0 alone may
 * ask for these operations. Returns PERMITTED and fills *request; else the status to answer with,
 * and a sentence in `why`. The reference is set in either case, to a fresh one if need be.
 */
enum status request_parse(const struct frame *frame, uid_t uid, struct request *request, char *why,
                          size_t why_size);

#endif
