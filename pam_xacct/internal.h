/*
 * What the files of the PAM module promise each other. Nothing here keeps state between calls but
 * the one struct kept_session that PAM holds for the handle.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_PAM_XACCT_INTERNAL_H
#define XACCT_PAM_XACCT_INTERNAL_H

#include <limits.h>
#include <security/pam_modules.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "common/deadline.h"
#include "common/frame.h"
#include "common/reference.h"
#include "common/status.h"
#include "common/wire.h"

/* The most bytes of a reason in the log, its NUL included. */
#define REASON_SIZE 3072

/* What is asked of the helper. */
enum task { TASK_CHECK, TASK_OPEN, TASK_CLOSE };

/* The arguments of the pam.d line. Texts are PAM's and live as long as the handle. */
struct options {
    const char *config;  /* absolute path of the policy, handed to the helper */
    const char *socket;  /* absolute path, short enough for unix(7), of the service; or NULL */
    const char *helper;  /* absolute path of the program */
    const char *user;    /* whom the helper runs as */
    const char *state;   /* absolute path, handed to the helper: where the last good policy is
                            kept; or NULL */
    int64_t timeout_ms;  /* for the account and the session call together */
    int64_t minimum_uid; /* below it users are left alone */
    bool require_role;   /* no grant is a refusal */
    bool quiet;          /* no line on success */
    bool debug;          /* debug lines in the log */
};

/* A user's numbers as /etc/passwd has them. */
struct passwd_entry {
    const char *name; /* that is looked for */
    bool found;
    uid_t uid;
    gid_t gid;
};

/* How a call came out; what the log and the user are told, and which code PAM gets, follows. */
struct outcome {
    enum status status;
    char reason[REASON_SIZE]; /* escaped already */
    bool is_helpers;          /* the reason came in the reply: of the policy, which names others */
};

/* Everything about one call of an entry point; passed down, never kept. */
struct call {
    pam_handle_t *pamh;
    enum task task;
    bool silent; /* PAM_SILENT */
    struct options options;
    bool options_valid;
    const char *user;               /* PAM_USER, PAM's; NULL when there is none */
    char reference[REFERENCE_SIZE]; /* what the user reads out and the log carries */
    int64_t answer_ms;              /* how long the helper is given */
    struct deadline answer_by;      /* the helper's reply is here, or it is given up */
    struct deadline done_by;        /* nothing is left of the helper */
    struct passwd_entry helper_user;
    struct frame reply; /* empty until exchange(), which makes the request in it too; wiped and
                           freed by call_end() */
    struct outcome outcome;
    int cancel_state; /* of the calling thread, as it was */
};

/* public.c: the six entry points of pam_sm_*(3). */

/* call.c */

/*
 * Sets up a call: options, reference, deadlines, PAM_USER. Thread cancellation is off until
 * call_end(), as a thread that ended in here would leave a process and descriptors behind.
 */
void call_begin(struct call *call, enum task task, pam_handle_t *pamh, int flags, int argc,
                const char **argv);

/* Overwrites and frees the reply, which may hold credentials; the call has none afterwards. */
void call_free_reply(struct call *call);

/* Overwrites and frees what the call held. */
void call_end(struct call *call);

/*
 * Whether this call is the helper's business, found out before anything slow. When it is,
 * call->helper_user is set. When it is not, call->outcome says why: STATUS_UNMANAGED for root,
 * system users, the helper's own user and callers that are not root; STATUS_MISCONFIGURED for bad
 * options, no PAM_USER, no helper's user; STATUS_UNAVAILABLE when /etc/passwd cannot be read.
 */
bool call_is_ours(struct call *call);

/* account.c: pam_sm_acct_mgmt(3): has this login any role now? Returns the PAM code. */
int account_check(struct call *call);

/* session.c */

/*
 * pam_sm_open_session(3): credentials into the PAM environment, and the session's id kept with the
 * handle. A session that is open for this user already is left as it is; one for another user is
 * closed first. Returns PAM_SUCCESS, PAM_IGNORE or PAM_SESSION_ERR.
 */
int session_open(struct call *call);

/*
 * pam_sm_close_session(3): takes our names out of the PAM environment and, when running as root,
 * tells the helper. Returns PAM_SUCCESS whatever happens, or PAM_IGNORE when nothing of ours is
 * open.
 */
int session_close(struct call *call);

/* options.c */

/*
 * Reads the arguments of the pam.d line over the defaults. Each unknown option or bad value is
 * logged at LOG_ERR under `reference`. Returns whether all of them were good.
 */
bool options_read(struct options *options, pam_handle_t *pamh, int argc, const char **argv,
                  const char *reference);

/* option_forms.c: the steps of options_read, without PAM. */

/* Sets the defaults of what has one by itself. */
void options_begin(struct options *options);

/* Takes one argument, which stays the caller's. Returns NULL, or in words what would have been
 * right. */
const char *options_take(struct options *options, const char *argument);

/* Fills in what depends on other options; `valid` says whether every argument was taken. */
void options_complete(struct options *options, bool valid);

/* passwd.c */

/*
 * Looks up the `count` users that the entries name in /etc/passwd itself, without NSS, in one pass:
 * the first entry of a name counts. The entries are zero but for their names. Returns 0 and fills
 * those of users that the file has (`found` stays false for others); or an errno when the file
 * could not be read so far, ERANGE for a line of 1 MiB or more.
 */
int passwd_find(struct passwd_entry *entries, size_t count);

/* trusted_path.c */

/* What the last step of a path is to be. */
enum path_end {
    PATH_PROGRAM, /* a program of root's that nobody else may write, without setuid or setgid */
    PATH_SOCKET_FOLDER /* a folder of root's or the owner's that nobody else may write */
};

/* What is wrong with a path. */
struct path_fault {
    const char *what;    /* a constant string; NULL when nothing is */
    int error;           /* an errno when a step could not be looked at, else 0 */
    char step[PATH_MAX]; /* the path down to the step at fault */
};

/*
 * Whether no step of the absolute `path` is a symbolic link, every folder on it is root's and
 * writable by nobody else, and its last step is what `end` says (`owner` is for that alone). Fills
 * *fault if not.
 */
bool path_is_trusted(const char *path, enum path_end end, uid_t owner, struct path_fault *fault);

/*
 * standard.c: what a program without standard descriptors prints must not land in a conversation of
 * ours.
 */

/* The standard descriptors that were free. */
struct held_standard {
    int fds[3];
    int count;
};

/*
 * Takes the standard descriptors that the caller runs without, for the moment in which ours are
 * made. Printing to them fails as before.
 */
void standard_hold(struct held_standard *held);

void standard_release(struct held_standard *held);

/*
 * Moves *fd, close-on-exec, above the standard descriptors even where another thread in here has
 * just let go of the ones that it held. Returns 0, or an errno with *fd closed and -1.
 */
int standard_avoid(int *fd);

/* exchange.c */

/*
 * Asks for the call's task, the service first and else a helper that is started for it, and waits
 * for the one reply, all within the call's deadlines; nothing of either is left afterwards. Any
 * whole reply is final. `session` is the id to close, or NULL. Sets call->outcome; when that comes
 * from a reply, the reply is in call->reply and true is returned.
 */
bool exchange(struct call *call, const char *session);

/*
 * start_time.c: when this process started, in clock ticks since boot: field 22 of its stat in
 * proc(5). Returns 0, or an errno.
 */
int start_time_of_self(int64_t *ticks);

/*
 * loginuid.c: the login uid that the kernel keeps for this process, and its number of that login,
 * the audit session (proc(5), audit_set_loginuid in kernel/audit.c of Linux): whoever sets a login
 * uid gets a number that no login has had since the boot. Each returns 0 and sets its argument;
 * ENOENT when none was set or the kernel keeps none; or an errno.
 */
int loginuid_of_self(int64_t *uid);
int audit_session_of_self(int64_t *number);

/* environment.c */

/*
 * Puts the reply's environment into PAM's: all of it, or nothing and STATUS_UNAVAILABLE in
 * call->outcome. Refused are names outside WIRE_ENVIRONMENT, empty values, control characters and
 * a part of the three names of a credential. Our names that the reply does not carry are removed.
 * Returns whether it was put.
 */
bool environment_export(struct call *call);

/* Removes a name from the PAM environment, if it is there. */
void environment_remove(pam_handle_t *pamh, const char *name);

/* Removes every name of ours from the PAM environment. */
void environment_clear(pam_handle_t *pamh);

/* Replaces all of ours by XACCT_ERROR=STATUS:REFERENCE. */
void environment_set_error(struct call *call);

/* proof.c */

/*
 * Adds the user's token and SAML assertion, where an SSO module has left them in the PAM
 * environment as XACCT_WEB_IDENTITY_TOKEN and XACCT_SAML_ASSERTION; one that cannot be sent whole
 * is left out with a line in the log. Returns 0 or an errno.
 */
int proof_add(struct frame *request, const struct call *call);

/* Takes them out of the PAM environment: no session is to find them in its own. */
void proof_remove(pam_handle_t *pamh);

/* report.c */

/* Sets call->outcome. The text is escaped as a whole: pieces are handed in raw. */
void outcome_set(struct call *call, enum status status, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/*
 * STATUS_UNAVAILABLE when `error` (an errno) is of the kind that passes by itself, such as ENOMEM,
 * else STATUS_MISCONFIGURED.
 */
enum status outcome_of_error(int error);

/*
 * Whether what this process logs is for root alone to read. journald files it by the real uid, and
 * gives each user the own file (SplitMode= in journald.conf(5)); that of su and sudo is their
 * caller's. There the helper, as itself, logs how a request came out.
 */
bool log_is_roots(void);

/* The reason of an outcome as it may be logged here. */
const char *outcome_logged(const struct outcome *outcome);

/*
 * Brings call->outcome to the log, to the user and, for a session that has failed, into the PAM
 * environment. Returns the PAM code of the one table, for call->task.
 */
int report(struct call *call);

/* A line at LOG_DEBUG where the option `debug` is set. Untrusted pieces must be escaped. */
void report_debug(const struct call *call, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* error_text.c: the text of an errno, a constant string: strerror(3) is not for threads. */
const char *error_text(int error);

#endif
