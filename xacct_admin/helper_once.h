/*
 * A helper that is started for one question, as a login would start it; for root.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_HELPER_ONCE_H
#define XACCT_XACCT_ADMIN_HELPER_ONCE_H

#include <sys/types.h>

#include "pam_xacct/spawn.h"
#include "xacct/client.h"

#define HELPER_PROGRAM XACCT_LIBEXECDIR "/xacct-helper"

struct helper_once {
    struct helper helper;
    struct client client; /* of the talk with it: its replies, or why there is none */
};

/* Starts it with these ids. Returns 0, or an errno, and then there is nothing to end. */
int helper_once_start(struct helper_once *once, uid_t uid, gid_t gid);

/* Asks it. As client_ask; client_next is for further frames. */
enum answer helper_once_ask(struct helper_once *once, const struct question *question);

/* Ends it, within two seconds; *ending says how that came out. The client is empty then. */
void helper_once_end(struct helper_once *once, struct ending *ending);

#endif
