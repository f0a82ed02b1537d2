/*
 * The permitted roles, as the service lists them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ROLES_H
#define XACCT_XACCT_ROLES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "xacct/client.h"

/* What can be said of a role; each NULL, 0 or false where the service does not say. */
struct role {
    char *name, *account, *account_id, *arn, *description, *region, *deliver;
    char *ends;       /* instant of the wire: when the last grant that gives it stops to hold */
    int64_t duration; /* seconds */
    bool is_default;  /* the next login starts with it */
    bool chosen;      /* by `xacct default` */
    bool external_id, source_identity, tags; /* it is assumed with one */
};

struct roles {
    struct role *all; /* in the policy's order */
    size_t count;
};

/*
 * Asks for all of them within `timeout_ms`. Returns true and fills in *roles, which the caller
 * frees with roles_free; false with the reason in the client's failure. *roles is empty then.
 */
bool roles_ask(struct client *client, int64_t timeout_ms, struct roles *roles);

/* As roles_ask within the usual time, and complains when it fails. Opens a client and closes it. */
bool roles_get(const char *socket, struct roles *roles);

/* The role of this name, or NULL. */
const struct role *roles_find(const struct roles *roles, const char *name);

/* Whether `role` is the one that XACCT_ROLE of the environment names. */
bool role_is_current(const struct role *role);

/*
 * Writes what may help whoever named a role that is none of theirs: those that begin so, or else
 * all, as "; those that begin so: a, b". Empty when there is none. Returns `out`.
 */
char *roles_hint(const struct roles *roles, const char *name, char *out, size_t size);

void roles_free(struct roles *roles);

#endif
