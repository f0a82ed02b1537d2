/*
 * How a call came out: one table from outcome to PAM code and log level, and what is said to whom.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <security/pam_ext.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <syslog.h>
#include <unistd.h>

#include "common/escape.h"
#include "pam_xacct/internal.h"

static const struct {
    int account; /* PAM code of the account call */
    int session; /* and of opening a session */
    int level;   /* of the log line; LOG_DEBUG is written with the option debug alone */
    const char *told;
} verdicts[STATUS_COUNT] = {
    [STATUS_PERMITTED] = {PAM_SUCCESS, PAM_SUCCESS, LOG_INFO, NULL},
    [STATUS_UNMANAGED] = {PAM_IGNORE, PAM_IGNORE, LOG_DEBUG, NULL},
    [STATUS_NO_GRANT] = {PAM_IGNORE, PAM_IGNORE, LOG_DEBUG, NULL},
    [STATUS_DENIED] = {PAM_PERM_DENIED, PAM_SESSION_ERR, LOG_NOTICE,
                       "AWS access is denied for this login"},
    [STATUS_EXPIRED] = {PAM_ACCT_EXPIRED, PAM_SESSION_ERR, LOG_NOTICE,
                        "Your AWS access on this host has ended"},
    [STATUS_UNDECIDED] = {PAM_IGNORE, PAM_SESSION_ERR, LOG_DEBUG, NULL},
    [STATUS_UNAVAILABLE] = {PAM_AUTHINFO_UNAVAIL, PAM_SESSION_ERR, LOG_ERR,
                            "AWS credentials are unavailable at the moment"},
    [STATUS_MISCONFIGURED] = {PAM_SYSTEM_ERR, PAM_SESSION_ERR, LOG_ALERT,
                              "AWS access on this host is misconfigured"},
    [STATUS_UNSUPPORTED] = {PAM_SYSTEM_ERR, PAM_SESSION_ERR, LOG_ALERT,
                            "AWS access on this host is misconfigured"},
};

/* With require_role, to be named by no grant is a refusal. */
static const struct {
    int account, session, level;
    const char *told;
} no_role = {PAM_PERM_DENIED, PAM_SESSION_ERR, LOG_NOTICE, "No AWS role is granted to this login"};

void outcome_set(struct call *call, enum status status, const char *format, ...)
{
    char raw[REASON_SIZE + 1]; /* longer, so that escape() sees and marks what is cut off */
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(raw, sizeof raw, format, arguments);
    va_end(arguments);
    call->outcome.status = status;
    call->outcome.is_helpers = false;
    escape_sentence(call->outcome.reason, sizeof call->outcome.reason, raw);
}

bool log_is_roots(void)
{
    return getuid() == 0;
}

const char *outcome_logged(const struct outcome *outcome)
{
    if (!outcome->is_helpers || log_is_roots())
        return outcome->reason;
    return "why is in the log of xacct-helper and in the audit file, as the caller may read this "
           "line";
}

enum status outcome_of_error(int error)
{
    static const int passing[] = {EAGAIN, EBUSY, EINTR, EIO, EMFILE, ENFILE, ENOMEM, ETXTBSY};
    size_t i;

    for (i = 0; i < sizeof passing / sizeof passing[0]; i++)
        if (error == passing[i])
            return STATUS_UNAVAILABLE;
    return STATUS_MISCONFIGURED;
}

void report_debug(const struct call *call, const char *format, ...)
{
    va_list arguments;

    if (!call->options.debug)
        return;
    va_start(arguments, format);
    pam_vsyslog(call->pamh, LOG_DEBUG, format, arguments);
    va_end(arguments);
}

/* Whether a line may be shown; asked first, as libpam logs an error where nobody listens. */
static bool user_listens(const struct call *call)
{
    const void *item = NULL;

    if (call->silent || pam_get_item(call->pamh, PAM_CONV, &item) != PAM_SUCCESS || item == NULL)
        return false;
    return ((const struct pam_conv *)item)->conv != NULL;
}

static void show_success(const struct call *call)
{
    const char *message = NULL;
    char shown[ESCAPE_MAX];

    if (call->reply.memory != NULL)
        message = frame_get(&call->reply, WIRE_MESSAGE);
    if (message != NULL && message[0] != '\0' && !call->options.quiet && user_listens(call))
        pam_info(call->pamh, "%s", escape_sentence(shown, sizeof shown, message));
}

static void log_outcome(const struct call *call, int level)
{
    char user[ESCAPE_MAX];

    if (level == LOG_DEBUG && !call->options.debug)
        return;
    pam_syslog(call->pamh, level, "user %s: %s: %s [reference %s]",
               escape(user, sizeof user, call->user), status_name(call->outcome.status),
               outcome_logged(&call->outcome), call->reference);
}

int report(struct call *call)
{
    enum status status = call->outcome.status;
    bool refused = status == STATUS_NO_GRANT && call->options.require_role;
    const char *told = refused ? no_role.told : verdicts[status].told;
    int level = refused ? no_role.level : verdicts[status].level;

    /* The line of a successful login is that of its session. */
    if (status == STATUS_PERMITTED && call->task != TASK_OPEN)
        level = LOG_DEBUG;
    log_outcome(call, level);
    if (told != NULL) {
        if (call->task == TASK_OPEN)
            environment_set_error(call);
        if (user_listens(call))
            pam_error(call->pamh, "%s (reference %s).", told, call->reference);
    } else if (status == STATUS_PERMITTED && call->task == TASK_OPEN) {
        show_success(call);
    }
    if (call->task == TASK_CHECK)
        return refused ? no_role.account : verdicts[status].account;
    return refused ? no_role.session : verdicts[status].session;
}
