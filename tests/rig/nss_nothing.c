/*
 * A source of NSS that knows no group: what asking one more source costs by itself.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <grp.h>
#include <nss.h>

nss_getgrnam_r _nss_nothing_getgrnam_r;
nss_getgrgid_r _nss_nothing_getgrgid_r;
nss_initgroups_dyn _nss_nothing_initgroups_dyn;

enum nss_status _nss_nothing_getgrnam_r(const char *name, struct group *entry, char *buffer,
                                        size_t size, int *error)
{
    (void)name;
    (void)entry;
    (void)buffer;
    (void)size;
    (void)error;
    return NSS_STATUS_NOTFOUND;
}

enum nss_status _nss_nothing_getgrgid_r(gid_t gid, struct group *entry, char *buffer, size_t size,
                                        int *error)
{
    (void)gid;
    (void)entry;
    (void)buffer;
    (void)size;
    (void)error;
    return NSS_STATUS_NOTFOUND;
}

enum nss_status _nss_nothing_initgroups_dyn(const char *user, gid_t primary, long *count,
                                            long *size, gid_t **items, long limit, int *error)
{
    (void)user;
    (void)primary;
    (void)count;
    (void)size;
    (void)items;
    (void)limit;
    (void)error;
    return NSS_STATUS_NOTFOUND;
}
