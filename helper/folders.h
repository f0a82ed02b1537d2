/*
 * The folders that the sandbox has to leave open, as the policy names them. It closes once and for
 * all, so a policy that names others later needs a process that is started anew.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_FOLDERS_H
#define XACCT_HELPER_FOLDERS_H

#include <limits.h>
#include <stdbool.h>

#include "policy/policy.h"

#define FOLDERS_MOST 4

struct folders {
    char readable[FOLDERS_MOST][PATH_MAX]; /* empty where there is none */
    char writable[FOLDERS_MOST][PATH_MAX];
};

/*
 * Works out the folders for the policy at `config`, `policy` being what is in force, or NULL, and
 * then the standard places count. `state` is where the last good policy is kept, or NULL.
 */
void folders_of(struct folders *folders, const char *config, const char *state,
                const struct policy *policy);

/* Whether both are the same. */
bool folders_same(const struct folders *a, const struct folders *b);

/* Closes the helper's sandbox around them, and /proc too for the service, which looks whether
 * processes live. Returns 0 or an errno. */
int folders_close_sandbox(const struct folders *folders, bool service);

#endif
