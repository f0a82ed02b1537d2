/*
 * The things of a policy, key by key in words, for comparing two.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_DESCRIBE_H
#define XACCT_XACCT_ADMIN_DESCRIBE_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/policy.h"

/* One key of a thing, as the policy calls it. */
struct described_key {
    const char *name;
    const char *value; /* NULL when it is not set */
    bool is_long;      /* not to be shown: only whether it has changed */
};

struct description {
    const char *kind;           /* such as "role" */
    const char *name;           /* distinct among its kind */
    const char *summary;        /* what it is, in a few words; or NULL */
    struct position at;         /* of its section */
    struct described_key *keys; /* all things of a kind have the same, in the same order */
    size_t count;
};

struct descriptions {
    struct description *items;
    size_t count;
};

/* Describes all things of a kind. What is made for it lies in `memory`, which remembers where there
 * was none. */
typedef void describe_kind(const struct policy *policy, struct arena *memory,
                           struct descriptions *list);

describe_kind describe_accounts;
describe_kind describe_roles;
describe_kind describe_patterns;
describe_kind describe_cas;
describe_kind describe_bases; /* that have names of their own */
describe_kind describe_host;

#endif
