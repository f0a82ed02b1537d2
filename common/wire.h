/*
 * The keys and operations of the wire format, in one place for both ends.
 *
 * A request from the module (uid 0):
 *   version op user service deadline_ms reference
 *   and, where they are known: rhost ruser tty loginuid audit_id; for open also pid
 *   start_time and, from sshd, auth_info, which is left out where sshd has not said it, and what
 *   the user's SSO left for the session, web_identity_token and saml_assertion (secrets); for
 *   close: session. debug=1 asks the helper for debug lines in syslog, log=1 to log how the
 *   request came out, as the module must not: its caller can read what it logs.
 * A reply:
 *   version status reference, and
 *   reason   the whole story for the log; only to uid 0
 *   message  one line for the user's terminal
 *   session  the id of the session that `open` recorded
 *   and for open the environment: keys in upper case, of WIRE_ENVIRONMENT alone.
 *
 * A request from a user (any uid but 0), who may ask for themselves alone, through the service:
 *   version op deadline_ms
 *   session      what XACCT_SESSION holds, if anything
 *   role         assume, console, default, status: the role it is about, if any
 *   min_life     assume, console: seconds that the credentials must have left at least
 *   fresh=1      assume, console: past the credentials in memory
 *   purpose      assume: what they are for, one of WIRE_PURPOSE_*, for the audit file
 *
 * The reply carries version, status and reference, and in message one line for the user: of what
 * failed what, why and what next; of a shell that has switched, its role.
 * In what succeeded also human and user, session (the live session that served it) and, when that
 * is not the one that was named, adopted=1; and
 *   assume   the environment of a session, as open; XACCT_UNTIL in it is when the role stops to be
 *            permitted, or the session ends by session_max, where that is in sight
 *   console  url (a secret), role, account, account_id
 *   default  role, unless the choice was taken back
 *   status   opened, and session_ends when there is a limit; when a role was named permitted=1 or
 *            permitted=0, and what list says of it
 *   list     one frame a role, in the policy's order: role account account_id arn deliver duration
 *            (seconds), and where they apply description, region, ends (when the last grant that
 *            gives it stops to hold), default=1 (the next login starts with it), chosen=1 (by
 *            `default`), external_id=1, source_identity=1, tags=1 (the role is assumed with one);
 *            then one with last=1, human, user and session. A failure is one frame with last=1.
 *
 * A request from libnss_xacct, through the service, of any uid and without a session:
 *   version op, and at most one of
 *   user     the groups of this user; to others than uid 0, where that is who asks
 *   group, gid  the group of this name or number; to others, where it is one of theirs
 * and without any: all groups, of others than uid 0 all that are theirs. What is not theirs is to
 * them as if it did not exist.
 * The reply is one frame a group, version status reference group gid, then one with last=1.
 * The request need not wait for the greeting, as there is no other way to ask; where it is there
 * before the service has greeted, the greeting comes with the reply.
 *
 * A request from xacct doctor (uid 0), which gets nothing but what it says of this host:
 *   version op deadline_ms, and at most one of
 *   base     the name of a [base], "" for that without: its credentials are fetched, and STS is
 *            asked whose they are
 *   role     it is assumed as by a login, in the name of xacct-doctor@HOST, for a moment, and what
 *            is got is thrown away
 * and perhaps
 *   region   base: whose STS is asked
 *   wrong_external_id=1   role: by an external id that is not the role's
 * The reply is one frame, version status reference reason, and where it is known
 *   base     account_id arn region, ends (of the credentials), took_ms, ahead (seconds by which
 *            AWS's clock is ahead of this host's)
 *   role     notice (what was done otherwise than the policy says), code (of a refusal, as STS
 *            has it)
 *   neither  policy_hash, and while the one on disk is broken broken_since
 *
 * A request from xacct metrics (uid 0, or the uid that the service runs as), through the service:
 *   version op deadline_ms
 *   names=1  what the policy calls things is told as well: sections, regions
 * The reply is one frame a number, version status reference metric value and of each of its labels
 * label_NAME, then one with last=1. What they are is in xacct_admin/metric_families.c.
 *
 * A request from xacct revoke (uid 0), which ends all live sessions of a human:
 *   version op human deadline_ms, and where they are known ruser loginuid audit_id, of who asks,
 *   and perhaps dry_run=1: nothing is ended
 * The reply is one frame a session, version status
 * reference session user opened, and where they are known service rhost role account pid (of the
 * process that opened it); then one with last=1 reason human revoked (the instant up to which AWS
 * may have issued something) revoked_by. Its status is that of the whole, and says of the frames
 * before it nothing: what they tell of has ended.
 *
 * Instants are UTC, as 2027-03-31T21:59:59Z.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_COMMON_WIRE_H
#define XACCT_COMMON_WIRE_H

#define WIRE_OP       "op"
#define WIRE_OP_OPEN  "open"  /* uid 0: decide, assume, record; the session's environment */
#define WIRE_OP_CLOSE "close" /* uid 0: the session has ended */
#define WIRE_OP_CHECK "check" /* uid 0: has this login any role now? No call to STS. */

#define WIRE_OP_LIST    "list"    /* a user: the permitted roles */
#define WIRE_OP_ASSUME  "assume"  /* a user: credentials for one of them */
#define WIRE_OP_CONSOLE "console" /* a user: a sign-in URL for the web console */
#define WIRE_OP_DEFAULT "default" /* a user: the role that the next login starts with */
#define WIRE_OP_STATUS  "status"  /* a user: who am I here, and is this role still mine? */

#define WIRE_OP_GROUPS "groups" /* anybody: Unix groups, for NSS */

#define WIRE_OP_EXAMINE "examine" /* uid 0: does this host's identity work, and its roles? */

#define WIRE_OP_METRICS "metrics" /* uid 0, the helper's own: what the service has counted */
#define WIRE_OP_REVOKE  "revoke"  /* uid 0: end all sessions of a human */

#define WIRE_USER       "user"        /* PAM_USER; groups: whose */
#define WIRE_SERVICE    "service"     /* PAM_SERVICE */
#define WIRE_RHOST      "rhost"       /* PAM_RHOST */
#define WIRE_RUSER      "ruser"       /* PAM_RUSER; for the audit file and for denies alone */
#define WIRE_TTY        "tty"         /* PAM_TTY */
#define WIRE_LOGINUID   "loginuid"    /* of that process, as the kernel says; none where unset */
#define WIRE_AUDIT_ID   "audit_id"    /* the kernel's number of that login; as loginuid */
#define WIRE_AUTH_INFO  "auth_info"   /* SSH_AUTH_INFO_0; sshd(8) and helper/auth_info.h */
#define WIRE_DEADLINE   "deadline_ms" /* milliseconds that are left for the reply to arrive */
#define WIRE_REFERENCE  "reference"   /* what a user reads out, and an admin finds in the log */
#define WIRE_PID        "pid"         /* of the process that opens the session */
#define WIRE_START_TIME "start_time"  /* of that process: field 22 of proc(5) stat, clock ticks */
#define WIRE_SESSION    "session"     /* id of a session: 32 lower-case hexadecimal digits */
#define WIRE_DEBUG      "debug"       /* "1" */
#define WIRE_LOG        "log"         /* "1" */
#define WIRE_ROLE       "role"        /* name of a [role] */
#define WIRE_MIN_LIFE   "min_life"    /* seconds */
#define WIRE_FRESH      "fresh"       /* "1" */
#define WIRE_PURPOSE    "purpose"
#define WIRE_GROUP      "group" /* name of a Unix group */
#define WIRE_GID        "gid"
#define WIRE_STARTER    "starter" /* groups, of root: the uid that a setuid program belongs to */

#define WIRE_BASE              "base"              /* examine: name of a [base] */
#define WIRE_WRONG_EXTERNAL_ID "wrong_external_id" /* examine: "1" */

#define WIRE_NAMES      "names"      /* metrics: "1" */
#define WIRE_METRIC     "metric"     /* name, as Prometheus has it */
#define WIRE_VALUE      "value"      /* decimal */
#define WIRE_LABEL      "label_"     /* what the key of a label begins with */
#define WIRE_DRY_RUN    "dry_run"    /* revoke: "1" */
#define WIRE_REVOKED    "revoked"    /* an instant */
#define WIRE_REVOKED_BY "revoked_by" /* who asked for it */

/* What an SSO module left: a token of an OpenID Connect provider, a SAML response in Base64. */
#define WIRE_WEB_IDENTITY_TOKEN "web_identity_token"
#define WIRE_SAML_ASSERTION     "saml_assertion"

#define WIRE_PURPOSE_SWITCH  "switch"  /* the shell changes to this role */
#define WIRE_PURPOSE_RENEW   "renew"   /* the shell keeps its role alive */
#define WIRE_PURPOSE_EXEC    "exec"    /* one command */
#define WIRE_PURPOSE_ENV     "env"     /* printed for eval */
#define WIRE_PURPOSE_PROCESS "process" /* credential_process of an SDK */

#define WIRE_STATUS  "status" /* common/status.h */
#define WIRE_REASON  "reason"
#define WIRE_MESSAGE "message"

#define WIRE_HUMAN           "human"
#define WIRE_ADOPTED         "adopted"
#define WIRE_OPENED          "opened"
#define WIRE_SESSION_ENDS    "session_ends"
#define WIRE_PERMITTED       "permitted"
#define WIRE_ACCOUNT         "account"
#define WIRE_ACCOUNT_ID      "account_id"
#define WIRE_ARN             "arn"
#define WIRE_DESCRIPTION     "description"
#define WIRE_REGION          "region"
#define WIRE_ENDS            "ends"
#define WIRE_DEFAULT         "default"
#define WIRE_CHOSEN          "chosen"
#define WIRE_DELIVER         "deliver" /* "env" or "process" */
#define WIRE_DURATION        "duration"
#define WIRE_EXTERNAL_ID     "external_id"
#define WIRE_SOURCE_IDENTITY "source_identity"
#define WIRE_TAGS            "tags"
#define WIRE_URL             "url"
#define WIRE_LAST            "last"
#define WIRE_AHEAD           "ahead"
#define WIRE_TOOK            "took_ms"
#define WIRE_NOTICE          "notice"
#define WIRE_CODE            "code"
#define WIRE_POLICY_HASH     "policy_hash"
#define WIRE_BROKEN_SINCE    "broken_since"

/*
 * The environment that a reply may carry; the module accepts no other name, so that a helper that
 * has been taken over cannot give root's login processes an LD_PRELOAD.
 */
#define WIRE_ENVIRONMENT                                                                           \
    "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY", "AWS_SESSION_TOKEN", "AWS_REGION",               \
        "AWS_DEFAULT_REGION", "AWS_CREDENTIAL_EXPIRATION", "AWS_SHARED_CREDENTIALS_FILE",          \
        "XACCT_ROLE", "XACCT_ROLE_ARN", "XACCT_ACCOUNT", "XACCT_SESSION", "XACCT_UNTIL"

/* When what the role of a reply gives will be over (helper/progress.h); an instant. */
#define WIRE_UNTIL "XACCT_UNTIL"

/* Seconds that a role must last yet, or nothing is issued: STS API reference, AssumeRole,
 * DurationSeconds. */
#define SHORTEST_LIFE 900

#define WIRE_AUTH_INFO_MAX 32768 /* bytes; a longer one is not sent */

/* Bytes of visible ASCII; STS API reference, and what fits into a frame with the rest. */
#define WIRE_PROOF_MIN              4
#define WIRE_WEB_IDENTITY_TOKEN_MAX 20000
#define WIRE_SAML_ASSERTION_MAX     60000

#define REFERENCE_SIZE  9 /* eight characters and NUL */
#define SESSION_ID_SIZE 33

#endif
