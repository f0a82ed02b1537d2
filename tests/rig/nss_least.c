/*
 * A source of NSS that asks a service once about a user's groups, and whatever comes knows none:
 * the least that asking can cost. The service is tests/bench/least_service.c.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <nss.h>
#include <sys/types.h>

#include "tests/bench/least.h"

#define SOCKET "/mnt/bench/least"

nss_initgroups_dyn _nss_least_initgroups_dyn;

enum nss_status _nss_least_initgroups_dyn(const char *user, gid_t primary, long *count, long *size,
                                          gid_t **items, long limit, int *error)
{
    (void)primary;
    (void)count;
    (void)size;
    (void)items;
    (void)limit;
    (void)error;
    return least_ask(SOCKET, user, false) ? NSS_STATUS_NOTFOUND : NSS_STATUS_UNAVAIL;
}
