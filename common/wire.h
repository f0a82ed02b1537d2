/*
 * The keys and operations of the wire format, in one place for both ends.
 *
 * A request from the module (uid 0):
 *   version op user service deadline_ms reference
 *   and, where PAM knows them: rhost tty auth_info; for open also pid start_time;
 *   for close: session. debug=1 asks the helper for debug lines in syslog.
 * A reply:
 *   version status reference, and
 *   reason   the whole story for the log; only to uid 0
 *   message  one line for the user's terminal
 *   session  the id of the session that `open` recorded
 *   and for open the environment: keys in upper case, of WIRE_ENVIRONMENT alone.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_COMMON_WIRE_H
#define XACCT_COMMON_WIRE_H

#define WIRE_OP       "op"
#define WIRE_OP_OPEN  "open"  /* uid 0: decide, assume, record; the session's environment */
#define WIRE_OP_CLOSE "close" /* uid 0: the session has ended */
#define WIRE_OP_CHECK "check" /* uid 0: has this login any role now? No call to STS. */

#define WIRE_USER       "user"        /* PAM_USER */
#define WIRE_SERVICE    "service"     /* PAM_SERVICE */
#define WIRE_RHOST      "rhost"       /* PAM_RHOST */
#define WIRE_TTY        "tty"         /* PAM_TTY */
#define WIRE_DEADLINE   "deadline_ms" /* milliseconds that are left for the reply to arrive */
#define WIRE_REFERENCE  "reference"   /* what a user reads out, and an admin finds in the log */
#define WIRE_PID        "pid"         /* of the process that opens the session */
#define WIRE_START_TIME "start_time"  /* of that process: field 22 of proc(5) stat, clock ticks */
#define WIRE_SESSION    "session"     /* id of a session: 32 lower-case hexadecimal digits */
#define WIRE_DEBUG      "debug"       /* "1" */

#define WIRE_STATUS  "status" /* common/status.h */
#define WIRE_REASON  "reason"
#define WIRE_MESSAGE "message"

/*
 * The environment that a reply may carry; the module accepts no other name, so that a helper that
 * has been taken over cannot give root's login processes an LD_PRELOAD.
 */
#define WIRE_ENVIRONMENT                                                                           \
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION",               \
        "AWS_DEFAULT_REGION", "AWS_CREDENTIAL_EXPIRATION", "XACCT_ROLE", "XACCT_ROLE_ARN",         \
        "XACCT_ACCOUNT", "XACCT_SESSION"

#define REFERENCE_SIZE  9 /* eight characters and NUL */
#define SESSION_ID_SIZE 33

#endif
