/*
 * xacct revoke: ends a human's sessions on this host, and says what the accounts' owners have to do
 * about what AWS has issued already.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_REVOKE_H
#define XACCT_XACCT_ADMIN_REVOKE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "policy/arena.h"
#include "xacct/command.h"
#include "xacct_admin/reading.h"

struct json_t; /* jansson's, whose names and those of xacct/json_text.h are in each other's way */

/* A session that was ended. Texts are NULL where they are not known. */
struct revoked_session {
    const char *id, *user, *opened, *service, *address, *role, *account, *pid;
};

/* A role that AWS may have issued credentials for in the human's name. */
struct revoked_role {
    const char *arn;
    const char *account;    /* its name, or NULL */
    const char *account_id; /* or NULL */
    const char *expiry;     /* when the last that this host issued end, or NULL: it issued none that
                               live */
    bool is_permitted; /* the policy gives it, so that other hosts of it may have issued some */
};

/* One run of the command. */
struct revoke_run {
    const struct invocation *invocation;
    const char *human;
    bool dry_run;
    struct reading reading; /* its policy is NULL where it cannot be read */
    struct arena memory;    /* of all texts */

    /* What the helper says. */
    struct revoked_session *sessions;
    size_t session_count;
    time_t at;          /* what was issued before is to be denied */
    const char *by;     /* who asked, as the helper takes it; or NULL */
    const char *failed; /* why not everything could be ended, or nothing; or NULL */

    struct revoked_role *roles;
    size_t role_count;
    struct texts identities; /* source identities that were sent for the human, or would be */
    struct texts names;      /* session names where none was sent */
    const char *deny;        /* the section that keeps the human out, or NULL: a note says why */
    struct texts notes;      /* what else there is to know */
    bool incomplete;         /* the notes say what could not be read */
};

/* Adds a note, as printf(3) has it. */
__attribute__((format(printf, 2, 3))) void revoke_note(struct revoke_run *run, const char *format,
                                                       ...);

/* Adds a text to a list, unless it is there. */
void revoke_add(struct revoke_run *run, struct texts *list, const char *text);

/* The role of this ARN in the list, which it is added to where it is not there; NULL without
 * memory. */
struct revoked_role *revoke_role(struct revoke_run *run, const char *arn);

/*
 * Has the helper end the sessions, or with dry_run list them, and fills in what it says: of the
 * service at `socket`, or where that does not answer of one that is started for it.
 * xacct_admin/revoke_ask.c
 */
void revoke_ask(struct revoke_run *run, const char *socket);

/*
 * Adds what the audit file says was issued in the human's name and has not expired: AWS issues
 * nothing for a role that lives longer than twelve hours. xacct_admin/revoke_issued.c
 */
void revoke_read_audit(struct revoke_run *run);

/*
 * Adds the roles that the policy gives the human, whatever else their grants ask for: by name, and
 * by the groups that NSS says a Unix user of that name is in. xacct_admin/revoke_permitted.c
 */
void revoke_read_policy(struct revoke_run *run);

/*
 * Makes the section of the policy that keeps the human out, whose name in it is what the policy
 * reader reads as run->human byte for byte; or where there is no such text, or none that a terminal
 * shows as it is, adds a note of why, and the run is incomplete. xacct_admin/revoke_deny.c
 */
void revoke_add_deny(struct revoke_run *run);

/*
 * The document that denies what was issued before run->at, which the caller gives back; NULL
 * without memory. Source: IAM User Guide, "Revoke IAM role temporary security credentials" and "AWS
 * global condition context keys" (aws:TokenIssueTime, aws:SourceIdentity, aws:userid).
 * xacct_admin/revoke_policy.c
 */
struct json_t *revoke_policy(const struct revoke_run *run);

#endif
