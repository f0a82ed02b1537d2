/*
 * Which records of sessions are those of logins, by the names of empty files beside them: so that
 * what su and sudo have left, thousands of records perhaps, need not be read to find the one login
 * that a request comes from. UID.NUMBER.ID.login is a login of this Unix user, whose audit session
 * has this number, or "-" where it has none that is known; UID.NUMBER.ID.certified one that was
 * made with a certificate, or might have been. A mark without a record means nothing.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SESSION_LOGINS_H
#define XACCT_HELPER_SESSION_LOGINS_H

#include "helper/session_record.h"

/* What a mark says. */
struct session_login {
    uid_t uid;
    bool has_audit_session;
    uint32_t audit_session;
    bool certified;
    char id[SESSION_ID_SIZE];
};

/*
 * Marks a record that is about to be written, where it is one of a login that something leads to.
 * Returns 0 or an errno.
 */
int session_login_mark(int folder, const struct session_record *record);

/* Takes the mark of a record away, if it has one. */
void session_login_unmark(int folder, const struct session_record *record);

/* Reads the name of a file. Returns whether it is a mark. */
bool session_login_read(const char *name, struct session_login *login);

#endif
