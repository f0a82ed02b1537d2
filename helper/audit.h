/*
 * The audit file: one JSON object a line, from which alone every decision can be explained and
 * joined to CloudTrail by session name, access key id and request id. The names of the members are
 * a stable interface; one that does not apply is left out.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_AUDIT_H
#define XACCT_HELPER_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "common/status.h"
#include "helper/host.h"
#include "helper/session_record.h"
#include "helper/sts.h"
#include "policy/decide.h"

#define AUDIT_OPENED    "opened"  /* a session, with credentials for a role unless several wait */
#define AUDIT_REFUSED   "refused" /* a login or a request; `status` and `reason` say why */
#define AUDIT_ENDED     "ended"   /* a session; `reason` unless its module said so */
#define AUDIT_ADOPTED   "adopted" /* what one session left running, by another of the same human */
#define AUDIT_USED      "used"    /* credentials of a role, in a session; `purpose` says for what */
#define AUDIT_SWITCHED  "switched"  /* a shell, to a role */
#define AUDIT_REFRESHED "refreshed" /* a shell's credentials for its role */
#define AUDIT_CHOSEN    "chosen"    /* the role that the next login starts with */
#define AUDIT_TRIED     "tried"     /* a role, by xacct doctor, which gets no credentials */
#define AUDIT_POLICY    "policy"    /* another policy is in force, or the one on disk is broken */
#define AUDIT_REVOKED   "revoked"   /* a human's sessions here, by root */

/* One event. Texts stay the caller's; NULL, empty or 0 is left out of the line. */
struct audit_event {
    const char *event; /* one of the above */
    enum status status;
    const char *reason;
    const char *operation;    /* what was asked: "open", "assume", ... */
    const char *purpose;      /* of assume, as the user's command says */
    const char *session;      /* id */
    const char *adopted_from; /* the session that was named, which the other one serves */
    const char *service;
    const char *address;
    const char *user;     /* Unix user */
    const char *typed;    /* the name that was logged in with, where it is another */
    const char *ruser;    /* PAM_RUSER: what the program says of who asks, which it may not know */
    const char *human;    /* identity */
    const char *identity; /* its source: "certificate", "loginuid" or "user" */
    const struct texts *auth; /* the methods that authenticated the login; NULL: not known */
    const struct certificate *certificate; /* that names the human, or NULL */
    uid_t uid;                             /* who asked, when it was not root; else 0 */
    const char *reference;
    const struct role *role;
    const struct session_role *started; /* where there is no `role`: what the session began with */
    const char *revoked_by;             /* who had the session ended, or NULL */
    bool counts_sessions;               /* of revoked: how many sessions have been ended is */
    size_t sessions;                    /* this */
    const char *group;                  /* that a pattern derived it from */
    const char *wanted; /* the role that was asked for, where it is none that is permitted */
    const char *role_arn;
    const char *via;          /* whose word it is assumed with, where it is the user's own */
    const char *assumed_role; /* the session's ARN, as STS says it, where that one named it */
    const char *session_name;
    const char *notice; /* what was done otherwise than the policy says */
    const char *source_identity;
    const struct sts_tag *tags;
    size_t tag_count;
    const char *access_key_id;
    time_t expiry;       /* of the credentials */
    time_t broken_since; /* policy: since when the one on disk is passed over */
    bool cached;         /* they had been issued before */
    const char *request_id;
    struct position rule; /* the grant or deny that decided */
};

/*
 * Appends the event's line in one write. Returns 0 once the line stands in the file, or an errno
 * with a sentence in `why` that names the file: then nothing may be issued. EPERM where others than
 * root and the helper's user may write the file, or take away it or a folder above it.
 *
 * How the file is written: helper/audit_file.h. Once it stands, a copy goes to syslog
 * (helper/audit_copy.h) unless the policy says otherwise, which is no matter of success.
 */
int audit_write(const struct host *host, const struct audit_event *event, char *why,
                size_t why_size);

#endif
