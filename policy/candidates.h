/*
 * Which rules can be about a login at all: found by its names and groups, so that a decision does
 * not ask every rule of a large policy. Whatever match.h looks at to tell whether a rule is about a
 * login must be looked at here. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_CANDIDATES_H
#define XACCT_POLICY_CANDIDATES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "policy/decide.h"

/* Some of the policy's grants, or of its denies. One that is all zero has none. */
struct rule_set {
    uint64_t *bits; /* one for each rule, by its place in the policy */
    size_t count;   /* of the rules */
};

/*
 * Notes by which names and groups the grants and denies of a policy can be found, once all of them
 * are there. Without memory, policy->memory.exhausted is set.
 */
void candidates_prepare(struct policy *policy);

/*
 * Fills the set, which is all zero, with every grant of which match_grant may say anything but NO
 * for this login, and maybe others. Returns 0, or ENOMEM. The caller frees with rule_set_free in
 * either case.
 */
int candidates_grants(const struct policy *policy, const struct login *login, struct rule_set *set);

/* The same of denies and match_deny. */
int candidates_denies(const struct policy *policy, const struct login *login, struct rule_set *set);

/* The place of the first rule in the set at `place` or behind it; `count` when there is none. */
size_t rule_set_next(const struct rule_set *set, size_t place);

/* Whether the rule at this place is in the set. */
bool rule_set_has(const struct rule_set *set, size_t place);

void rule_set_free(struct rule_set *set);

#endif
