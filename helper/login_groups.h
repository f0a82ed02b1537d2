/*
 * The groups that a decision can depend on: of the user, and of others whom a deny may mean.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_LOGIN_GROUPS_H
#define XACCT_HELPER_LOGIN_GROUPS_H

#include "helper/host.h"
#include "helper/identity.h"

/*
 * Asks NSS, until `by`, for the groups that decide() needs of `login`, whose names are set and are
 * those of `identity`, and sets them there; they lie in the identity's memory. Of who is behind it,
 * and of whom su or sudo name as their caller, where roles are for such users at all, it is the
 * groups of denies. `why` says what the first unanswered look-up ran into, and is empty when all
 * were answered. Returns false without memory.
 */
bool login_groups_look_up(struct host *host, struct deadline by, struct identity *identity,
                          struct login *login, char *why, size_t why_size);

#endif
