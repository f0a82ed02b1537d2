/*
 * The Unix user whom a request is for.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_IDENTITY_USER_H
#define XACCT_HELPER_IDENTITY_USER_H

#include "helper/identity.h"

/*
 * Looks up the user called `name`, or where that is "" the one who asks, by their uid, into
 * identity->user. Returns PERMITTED; else the status, with the reason in *outcome: UNMANAGED where
 * roles are not for such uids or it is the overflow uid, UNAVAILABLE when NSS does not answer, or
 * does not know whom the caller knows.
 */
enum status identity_find_user(struct host *host, const struct request *request, const char *name,
                               struct identity *identity, struct outcome *outcome);

#endif
