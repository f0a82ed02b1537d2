/*
 * Credentials for a role, for the commands that need some.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ASSUME_H
#define XACCT_XACCT_ASSUME_H

#include <stdbool.h>

#include "xacct/client.h"
#include "xacct/command.h"

/*
 * Asks for `role` for one of WIRE_PURPOSE_*, with what the invocation says about --fresh; min_life
 * is in seconds, 0 for the policy's. Returns true with the reply, its environment checked, in the
 * client; false after a complaint. The caller has prepared the client and closes it in either case.
 */
bool assume(struct client *client, const struct invocation *invocation, const char *role,
            const char *purpose, int64_t min_life);

/*
 * Says what the client's failure holds, and where the service refused `role`, which somebody has
 * typed, also which of their roles begin so: none is ever taken in its place.
 */
void complain_about_role(const struct client *client, const char *role);

#endif
