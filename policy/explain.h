/*
 * Why a login may use a role or may not, rule by rule.
 *
 * The verdict is decide()'s own, but for roles that AWS issues nothing for as they end too soon;
 * the reasons are what it asked, of each rule that gives the role or takes it away.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_EXPLAIN_H
#define XACCT_POLICY_EXPLAIN_H

#include <stddef.h>

#include "policy/decide.h"

/* One thing that a rule says about the login. */
struct reason {
    enum answer answer; /* of a grant: whether this is met; of a deny: whether it names the login */
    struct position at; /* the line that says it */
    const char *text;   /* such as "[grant g] names alice under users", or
                           "hours = Mon-Fri 08:00-18:00 Europe/Berlin: outside now". It quotes names
                           as they are: to be escaped on its way to a terminal. */
};

/* A role, and what all rules that give it or take it away say, in the order of the policy. */
struct explained_role {
    const struct role *role; /* of the policy, or derived: owned by the explanation */
    bool permitted;          /* as decide() says, and AWS would still issue credentials */
    struct reason *reasons;
    size_t reason_count;
};

struct explanation {
    struct decision decision;     /* what decide() says, whole */
    struct explained_role *roles; /* all of the policy's, then those that patterns derive from the
                                     login's groups, whether or not they are permitted */
    size_t role_count;
    const struct role *login_role; /* what the session starts with, or NULL: nothing. Likewise where
                                      it does not open, as that role is ending and no other lasts */
    struct reason *others; /* what is about no one role, such as a group that a pattern could split
                              in two ways */
    size_t other_count;
    struct arena memory; /* where all but the decision lies */
};

/*
 * Explains. Arguments as for decide(). Returns 0, or ENOMEM; the caller frees with explanation_free
 * in either case.
 */
int explain(const struct policy *policy, const struct login *login, const char *chosen,
            struct explanation *explanation);

void explanation_free(struct explanation *explanation);

#endif
