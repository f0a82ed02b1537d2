/*
 * When people were last handed credentials of roles, as the audit file and what was rotated away
 * from it say: xacct-audit(5).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_LAST_USED_H
#define XACCT_XACCT_ADMIN_LAST_USED_H

#include <stdbool.h>
#include <time.h>

#include "policy/arena.h"
#include "policy/index.h"
#include "policy/policy.h"

/* One that is all zero knows nothing. */
struct last_used {
    bool is_known;      /* the file was read */
    time_t from;        /* when its first line was written; 0: there is none */
    time_t until;       /* later lines do not count */
    struct index index; /* of struct use */
    struct texts users; /* the Unix users who had sessions, each once */
    struct arena memory;
};

/*
 * Reads the audit file at `path`. Returns false where it cannot be read, after a complaint whose
 * end is `then`. The caller frees with last_used_free in either case.
 */
bool last_used_read(struct last_used *used, const char *path, time_t until, const char *then);

/*
 * When the human of this name, from a certificate or not, was last handed credentials of the role;
 * of one who is not from a certificate also when a session of the Unix user of this name was, as
 * whoever it was there. 0: never since `from`.
 */
time_t last_used_of(const struct last_used *used, bool is_certified, const char *name,
                    const struct role *role);

void last_used_free(struct last_used *used);

#endif
