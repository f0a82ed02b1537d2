/*
 * Lines to syslog, facility AUTHPRIV, by a socket that is never waited at for long: syslog(3) would
 * wait for a daemon that hangs, and everybody's login with it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SYSLOG_SOCKET_H
#define XACCT_HELPER_SYSLOG_SOCKET_H

#include <stdbool.h>
#include <stddef.h>

#include "common/deadline.h"

/*
 * The most bytes of a line, with what stands before it: what rsyslog takes as it comes
 * (maxMessageSize; RFC 5424 asks for 2048 at least). journald takes more.
 */
#define SYSLOG_LINE_MOST    ((size_t)8000)
#define SYSLOG_HEADING_SIZE ((size_t)128) /* of that, what may stand before the text */

/* Begins as {program, what, wait_ms, .fd = -1}. */
struct syslog_socket {
    const char *program; /* the tag of each line */
    const char *what;    /* what its lines are, in "3 lines of ... are missing here" */
    int wait_ms;         /* how long a daemon that is busy is waited for, once in a while */
    int fd;
    bool is_stream;
    struct deadline waits_again;  /* until when it is not waited for */
    unsigned long long not_taken; /* lines since the last that it took */
};

/* Connects to syslog, before the sandbox closes. Where that fails, each line tries again. */
void syslog_socket_open(struct syslog_socket *log);

/*
 * Sends a line of one of syslog(3)'s severities. `text` holds no control character, and what does
 * not fit is not sent. Returns whether the daemon has it. How many it has not is said, as a
 * warning, before the next that it takes.
 */
bool syslog_socket_send(struct syslog_socket *log, int severity, const char *text);

#endif
