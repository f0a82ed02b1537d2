/*
 * The policy's Unix groups beside those that have come into /etc/group since it was read.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_GROUP_CLASHES_H
#define XACCT_HELPER_GROUP_CLASHES_H

#include <stdbool.h>

#include "helper/host.h"

/*
 * Clears member[i] for each of the Unix groups of the host's policy that /etc/group has under
 * another name or gid by now, as whoever gets the one would have what belongs to the other; and for
 * all where the file cannot be read. The policy stays in force, so nobody else finds out. The file
 * is read when it or the policy has changed. In one thread only.
 */
void group_clashes_drop(const struct host *host, bool *member);

#endif
