/*
 * Which login a request of another service comes from. Whoever sets a login uid gets an audit
 * session of their own (audit_set_loginuid in kernel/audit.c of Linux), and all that they start
 * stays in it, whatever user it becomes: so the record with that number is of the human who is
 * behind su or sudo, also where several share a Unix user.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SESSION_ORIGIN_H
#define XACCT_HELPER_SESSION_ORIGIN_H

#include "helper/host.h"
#include "helper/request.h"
#include "helper/session_record.h"

enum session_origin {
    ORIGIN_FOUND,  /* a record tells */
    ORIGIN_NONE,   /* none does, and nobody logs in to this login uid with a certificate */
    ORIGIN_UNKNOWN /* it cannot be told */
};

/*
 * Finds the login that the request's login uid and audit session are of, among the records of this
 * boot, alive or ended. FOUND fills *record, which the caller frees. UNKNOWN, with a sentence in
 * `why`, where several logins have the same number (as below a daemon that was itself started in a
 * login), where records cannot be read in the request's time, and where none tells but people come,
 * or came at any time (helper/certified_users.h), to this Unix user with certificates: then who
 * comes otherwise, as in a job of cron, might be one of those. *record is empty then, and without
 * any of it there is NONE. Reads the records of that audit session alone, whose names
 * helper/session_logins.h tells, and gives way to other tasks meanwhile.
 */
enum session_origin session_origin_find(const struct host *host, const struct request *request,
                                        struct session_record *record, char *why, size_t why_size);

#endif
