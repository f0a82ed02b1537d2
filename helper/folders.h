/*
 * The folders that the sandbox has to leave open, as the policy names them. It closes once and for
 * all, so a policy that names others later needs a process that is started anew.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_FOLDERS_H
#define XACCT_HELPER_FOLDERS_H

#include <stdbool.h>

#include "policy/policy.h"

/* Absolute paths, in byte order and each once. One that is all zero is empty. */
struct folders {
    struct texts readable; /* of the configuration, the CA bundle, and each file of each base */
    struct texts writable;
    struct arena memory;
};

/*
 * Works out the folders for the policy at `config`, `policy` being what is in force, or NULL, and
 * then the standard places count. `state` is where the last good policy is kept, or NULL. What
 * bases need of a PKCS#11 module or a command is not among them, as those run outside. Returns 0,
 * or ENOMEM; the caller frees with folders_free in either case.
 */
int folders_of(struct folders *folders, const char *config, const char *state,
               const struct policy *policy);

/* Whether both are the same. */
bool folders_same(const struct folders *a, const struct folders *b);

/* Closes the helper's sandbox around them, and /proc too for the service, which looks whether
 * processes live. Returns 0 or an errno. */
int folders_close_sandbox(const struct folders *folders, bool service);

void folders_free(struct folders *folders);

#endif
