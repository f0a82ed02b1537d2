/*
 * What the parts of a decision share while it is made. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_DECIDING_H
#define XACCT_POLICY_DECIDING_H

#include "policy/candidates.h"
#include "policy/conditions.h"
#include "policy/decide.h"
#include "policy/match.h"
#include "policy/pattern.h"

/* The first denies that take something away: for sure, where a look-up is not answered, and where
 * only a certificate that is not known yet could name them. */
struct taken {
    const struct deny *surely;
    const struct deny *maybe;
    const struct deny *open;
};

/* What is worked out on the way. */
struct deciding {
    const struct policy *policy;
    const struct login *login;
    struct taken everything;
    struct taken *roles;    /* one for each of the policy's roles, by its own name */
    struct taken *accounts; /* one for each of its accounts */
    size_t *permitted;      /* one for each role: its place in the decision's list, from 1, or 0 */
    struct conditions conditions;
    struct rule_set grants; /* those that can be about the login */
    struct rule_set denies;
    struct index derived_places; /* of struct derived_place */
    struct arena scratch;        /* what is needed until deciding_end */
};

/* As `permitted`, for a derived role by its name. */
struct derived_place {
    const char *name;
    size_t place;
};

/* Returns 0, or ENOMEM; deciding_end is due in either case. The arguments must outlive it. */
int deciding_begin(struct deciding *deciding, const struct policy *policy,
                   const struct login *login);
void deciding_end(struct deciding *deciding);

/* Notes what the deny takes away. Returns whether it names the login. */
struct match deciding_note_deny(struct deciding *deciding, const struct deny *deny);

/* The same for every deny that can be about the login. */
void deciding_note_denies(struct deciding *deciding);

/* Forgets what was noted of denies. */
void deciding_forget_denies(struct deciding *deciding);

/* Whether a deny takes away some roles and not all. */
bool deny_is_narrowed(const struct deny *deny);

/* Whether the role is one of the policy's own, and not derived. */
bool deciding_is_configured(const struct deciding *deciding, const struct role *role);

/*
 * What the denies take away from the role, by name or by account; the first of each, but not those
 * that take away everything. From a derived role also what is taken from the policy's roles that
 * are or may be the same in AWS.
 */
struct taken deciding_taken_from(const struct deciding *deciding, const struct role *role);

/* A role that a rule gives, and the group that it was derived from, or NULL. */
struct given {
    const struct role *role;
    const char *group;
};

/*
 * The roles that the groups of the login give by a pattern, in the order of the groups; derived
 * ones are in `derived`. The list lies in `memory`. Returns how many; without memory,
 * memory->exhausted is set.
 */
size_t deciding_derive(const struct deciding *deciding, const struct pattern *pattern,
                       struct derived_roles *derived, struct arena *memory, struct given **given);

#endif
