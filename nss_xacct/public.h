/*
 * What libc calls: glibc manual, "Extending NSS". Nothing else is exported.
 *
 * Where a group is not found, or cannot be looked up, the result is NOTFOUND, and errno and *error
 * are as they were: programs, our helper among them, take an errno for a source that has failed.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_NSS_XACCT_PUBLIC_H
#define XACCT_NSS_XACCT_PUBLIC_H

#include <grp.h>
#include <nss.h>

#define PUBLIC __attribute__((visibility("default")))

/* look_up.c */
PUBLIC nss_getgrnam_r _nss_xacct_getgrnam_r;
PUBLIC nss_getgrgid_r _nss_xacct_getgrgid_r;

/* memberships.c */
PUBLIC nss_initgroups_dyn _nss_xacct_initgroups_dyn;

/* enumeration.c */
PUBLIC nss_setgrent _nss_xacct_setgrent;
PUBLIC nss_getgrent_r _nss_xacct_getgrent_r;
PUBLIC nss_endgrent _nss_xacct_endgrent;

#endif
