/*
 * What xacct check looks at beside what the policy reader and policy/lint.h do: files, names, and
 * what AWS will make of it. Each adds to the findings.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_CHECKS_H
#define XACCT_XACCT_ADMIN_CHECKS_H

#include "xacct_admin/findings.h"
#include "xacct_admin/reading.h"

/*
 * Owner and mode of the policy's files, its base credentials and certificates, as the helper wants
 * them: its rules in common/trusted_file.h, for the system user xacct. `spared` is the path of a
 * file that is not to be looked at, or NULL. Works without a policy as far as it goes.
 */
void check_files(const struct reading *reading, const char *spared, struct findings *findings);

/* Users and groups that NSS does not know or knows otherwise, and uids that humans share. */
void check_names(const struct policy *policy, struct findings *findings);

/* Session policies that are not JSON. */
void check_session_policies(const struct policy *policy, struct findings *findings);

/* What the trust policy of an AWS role cannot bear, as far as our policy shows. */
void check_trust(const struct policy *policy, struct findings *findings);

#endif
