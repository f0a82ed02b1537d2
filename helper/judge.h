/*
 * The decision on a login, with the look-ups that it depends on and its reason in words.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_JUDGE_H
#define XACCT_HELPER_JUDGE_H

#include "helper/host.h"
#include "helper/identity.h"
#include "helper/outcome.h"
#include "helper/request.h"
#include "policy/decide.h"

/*
 * Decides, `chosen` being the role that the human wants to start with, or NULL. Looks up only the
 * groups that can change the answer, in half of the time that is left where STS may have to be
 * asked, as a directory that hangs must not take that time from a login that stands without it.
 * Returns the decision's
 * status, or EXPIRED for DENIED where every grant has ended; UNDECIDED for a check of what only the
 * session shows; NO_GRANT or UNAVAILABLE where the human is not known for whom a role would be; or
 * UNAVAILABLE without memory; the reason is in *outcome. The decision points into *identity, whose
 * memory takes what was looked up. The caller frees *decision with decision_free in either case.
 */
enum status judge(struct host *host, const struct request *request, struct identity *identity,
                  const char *chosen, struct decision *decision, struct outcome *outcome);

/*
 * Sets member[i] for each of the policy's Unix groups that the user is in whom identify_user found;
 * `member` has room for all. Returns PERMITTED, or UNAVAILABLE with the reason in *outcome where
 * something could not be looked up, and what is set is what stands without it.
 */
enum status judge_groups(struct host *host, const struct request *request,
                         struct identity *identity, bool *member, struct outcome *outcome);

#endif
