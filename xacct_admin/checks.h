/*
 * What xacct check looks at beside what the policy reader and policy/lint.h do: files, names, and
 * what AWS will make of it. Each adds to the findings.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_CHECKS_H
#define XACCT_XACCT_ADMIN_CHECKS_H

#include <stdbool.h>

#include "xacct_admin/findings.h"
#include "xacct_admin/reading.h"

/*
 * Owner and mode of the policy's files, its base credentials and certificates, and of the folders
 * above them, as xacct_admin/permissions.h has it. `spared` is the path of a file that is not to be
 * looked at, or NULL. Works without a policy as far as it goes.
 */
void check_files(const struct reading *reading, const char *spared, struct findings *findings);

/*
 * Whether the helper would refuse the policy that was read, as that stands where the helper reads
 * it and owner or mode of a file are not as they have to be; and how that is told.
 */
#define CHECK_FILES_REFUSED                                                                        \
    "the helper refuses this policy as it stands, for owner or mode of a file: xacct check says "  \
    "which"
bool check_files_refused(const struct reading *reading);

/* What the base credentials lack, as far as the caller may see it. Nothing of them is told. */
void check_bases(const struct policy *policy, struct findings *findings);

/* Users and groups that NSS does not know or knows otherwise, and uids that humans share. */
void check_names(const struct policy *policy, struct findings *findings);

/* Unix groups of the policy whose names or gids are others' for NSS. */
void check_unix_groups(const struct policy *policy, struct findings *findings);

/*
 * Who is in a Unix group of the policy, or can put themselves into it, by /etc/group, /etc/passwd
 * or /etc/subgid. A file that cannot be read says nothing. Sources: group(5), passwd(5), subgid(5).
 */
void check_local_members(const struct policy *policy, struct findings *findings);

/* Whether /etc/nsswitch.conf asks libnss_xacct for the policy's Unix groups, if it has some. */
void check_nsswitch(const struct policy *policy, struct findings *findings);

/* Session policies that are not JSON. */
void check_session_policies(const struct policy *policy, struct findings *findings);

/* What the trust policy of an AWS role cannot bear, as far as our policy shows. */
void check_trust(const struct policy *policy, struct findings *findings);

#endif
