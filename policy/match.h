/*
 * Whether a rule is about a login. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_MATCH_H
#define XACCT_POLICY_MATCH_H

#include <stdbool.h>

#include "policy/decide.h"

/* Whether a rule names the login itself, whatever groups it is in. */
bool match_name(const struct subjects *who, const struct login *login);

/* Whether the service is among those of a grant. */
bool match_service(const struct grant *grant, const char *service);

/* Whether a grant is for the login, whatever it says about time; UNKNOWN when only an unanswered
 * group could make it so. */
enum answer match_grant(const struct grant *grant, const struct login *login);

/*
 * The same for a deny. It also counts when it names what was typed and NSS made another name of
 * that: a grant must not be had by an alias, and a deny must not be escaped by one.
 */
enum answer match_deny(const struct deny *deny, const struct login *login);

/* The first group of a rule whose look-up was not answered, or NULL. */
const char *match_unanswered(const struct policy *policy, const struct subjects *who,
                             const struct login *login);

#endif
