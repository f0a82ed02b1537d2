/*
 * The sources in nsswitch.conf: which there are, and which did not answer.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_LOOKUP_SOURCES_H
#define XACCT_HELPER_LOOKUP_SOURCES_H

#include <stdbool.h>
#include <sys/types.h>

/*
 * The sources that nsswitch.conf(5) names for `database`, with their actions, as one line. As glibc
 * 2.36 reads the file: the last line about the database counts, and colons and blanks end the name
 * alike. Returns 0 with *sources, which the caller frees, NULL where no line names any; or an errno
 * with NULL.
 */
int lookup_sources_of(const char *database, char **sources);

/*
 * Whether `service` is asked for `database` before all others, and no action behind it says what
 * comes of its answer: whom it finds is then found, whatever the others would say. False too where
 * that cannot be read.
 */
bool lookup_sources_are_content_with(const char *database, const char *service);

/*
 * Asks every source of the group database but systemd's for the groups of `user`, one at a time,
 * and returns the errno of the first that did not answer, or 0.
 *
 * getgrouplist(3) asks all sources and leaves the errno of whichever set it last. nss_systemd sets
 * ESRCH on every host without a userdb service, which says nothing about the user, but hides what a
 * source before it said. Only for the look-up process: what it sets up for the time of the call is
 * the whole process's. ENOTRECOVERABLE when that could not be undone: this process then asks one
 * source alone, and must not look up anything any more.
 */
int lookup_sources_ask_each(const char *user, gid_t primary);

/*
 * The same for a group that all sources together did not find, by its name, or where that is NULL
 * by its gid: a source that knows no such group, asked after one that did not answer, hides that
 * from getgrnam_r(3) (libnss_xacct, files behind sss, systemd).
 */
int lookup_sources_ask_each_for_group(const char *name, gid_t gid);

/*
 * From now on this process asks all sources of the group database but the service `left_out`, as
 * libnss_xacct answers nobody whom the helper's own look-ups could be.
 */
void lookup_sources_leave_out(const char *left_out);

/*
 * The first of the databases `group` and `initgroups` whose line in nsswitch.conf(5) does not name
 * `service`, or NULL. Without a line for it nobody is asked for `group` but libc's own sources, and
 * for `initgroups` those of `group`.
 */
const char *lookup_sources_without(const char *service);

#endif
