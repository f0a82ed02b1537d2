/*
 * Which names and numbers the Unix groups of a policy may have: one word for who writes policies,
 * and for libnss_xacct, which asks nobody about what cannot be one.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_COMMON_UNIX_GROUP_H
#define XACCT_COMMON_UNIX_GROUP_H

#include <stdbool.h>
#include <stdint.h>

/* Bytes of a name, its NUL included: what useradd(8) and systemd take. */
#define UNIX_GROUP_NAME_SIZE 32

/*
 * Numbers from the first to the last, without those that are kept for others: below come the
 * system's; 60000 to 65535 hold those that systemd gives out by itself, nobody's, and the 16-bit
 * -1; from 2^31 on programs take them for negative. Source: systemd, UIDS-GIDS; login.defs(5).
 */
#define UNIX_GROUP_GID_FIRST    1000
#define UNIX_GROUP_GID_LAST     INT64_C(2147483647)
#define UNIX_GROUP_GID_KEPT     60000
#define UNIX_GROUP_GID_KEPT_END 65535

/* Whether the name is like ^[a-z_][a-z0-9_-]{0,30}$. */
bool unix_group_may_be_called(const char *name);

/* Whether a group of a policy may have this gid. */
bool unix_group_may_have(int64_t gid);

#endif
