/*
 * The Unix users to whom people have come with certificates. Of a process of such a user that no
 * login's record tells of, nobody knows which of these people it is. So that this holds longer than
 * any record, as a job waits for the next boot or until its author's contract is over, it is kept
 * in the policy's state folder, by uid, until an admin removes the file.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_CERTIFIED_USERS_H
#define XACCT_HELPER_CERTIFIED_USERS_H

#include "helper/host.h"

/* Keeps `uid` as one of these users. Returns 0, or an errno with a sentence in `why`. */
int certified_user_keep(const struct host *host, uid_t uid, char *why, size_t why_size);

/* Whether `uid` is one of them: UNKNOWN, with a sentence in `why`, where that cannot be told. */
enum answer certified_user_is(const struct host *host, uid_t uid, char *why, size_t why_size);

#endif
