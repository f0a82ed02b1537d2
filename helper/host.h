/*
 * What every request finds: this host, the policy in force, the look-up process.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_HOST_H
#define XACCT_HELPER_HOST_H

#include <sys/types.h>

#include "helper/lookup.h"
#include "policy/policy.h"

#define HOST_NAME_SIZE   ((size_t)256)
#define BOOT_ID_SIZE     ((size_t)37)
#define POLICY_HASH_SIZE ((size_t)65) /* SHA-256 in hexadecimal */

struct host {
    char name[HOST_NAME_SIZE];
    char boot_id[BOOT_ID_SIZE];         /* of random(4); empty when it cannot be read */
    gid_t group;                        /* the helper's own, which may read the policy */
    struct policy *policy;              /* NULL when it is broken */
    char policy_error[3072];            /* then: what is wrong with it, with file and line */
    char policy_hash[POLICY_HASH_SIZE]; /* of all files that the policy was read from, or empty */
    struct lookup lookup;
};

/*
 * Reads the policy at `config` and what else there is to know of this host. A policy that is broken
 * is no error here, as the request must be answered with the reason. Returns 0, or an errno when
 * the look-up process cannot be started. The caller ends with host_end.
 */
int host_begin(struct host *host, const char *config);

/* Ends the look-up process and frees the policy. */
void host_end(struct host *host);

#endif
