/*
 * Every rule by which somebody may come to a role, whatever it wants of the login: for the question
 * who reaches what.
 *
 * The verdict on each is decide()'s, asked with a login that the rule is for.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_WAYS_H
#define XACCT_POLICY_WAYS_H

#include <stddef.h>

#include "policy/decide.h"

enum reach {
    REACH_YES,     /* by a login as the rule wants it: its services, from and auth */
    REACH_NOT_NOW, /* the same, but the rule's hours do not hold now, and do within the week */
    REACH_DENIED,  /* a deny takes the role away */
    REACH_UNKNOWN, /* something was not answered that could give the role or take it away */
};

/* That a rule gives somebody a role. */
struct way {
    const struct role *role; /* of the policy, or derived: then the ways own it */
    const struct grant *rule;
    const char *key;  /* what the rule names them by: "users", "principals", "groups" */
    const char *name; /* the name under it; of a pattern the group. NULL: not known */
    enum reach reach;
    const struct deny *denied_by; /* where REACH_DENIED */
};

struct ways {
    struct way *items; /* in the order of the grants, then of the patterns */
    size_t count;
    struct arena memory;
};

/*
 * Finds them for somebody, of whom user, human, host, certificate, in_group, group_names,
 * groups_unknown and now are looked at; nobody is behind the login. Left out are rules for other
 * hosts, those that are over, to come or within SHORTEST_LIFE of their end, and what a pattern
 * would give from groups that are not known. Returns 0, or ENOMEM. The caller frees with ways_free
 * in either case.
 */
int ways_find(const struct policy *policy, const struct login *who, struct ways *ways);

void ways_free(struct ways *ways);

#endif
