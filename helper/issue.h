/*
 * Credentials for a role that was decided on: from memory where they are live and equal, else from
 * STS.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_ISSUE_H
#define XACCT_HELPER_ISSUE_H

#include "helper/progress.h"

/*
 * Works out how the role in question is assumed, and puts role and ARN into the outcome; calls
 * nobody. Returns PERMITTED, or the status with the reason in the outcome.
 */
enum status issue_prepare(struct progress *progress);

/*
 * Puts credentials for the prepared role into the outcome. They never live longer than what gives
 * the role: DurationSeconds is cut to its end, and with less than STS's 900 s to go nothing is
 * issued. In the service equal requests share one call, and credentials in memory will do while
 * the role's min_life, or the request's, is left. Returns as issue_prepare.
 */
enum status issue_credentials(struct progress *progress);

/*
 * Whether nobody but root can have written the policy's ca_bundle, if there is one: part of
 * issue_credentials, for whoever asks STS otherwise. Returns as issue_prepare.
 */
enum status issue_check_bundle(const struct policy *policy, struct outcome *outcome);

#endif
