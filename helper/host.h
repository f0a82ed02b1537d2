/*
 * What every request finds: this host, the policy in force, the look-up processes; and of the
 * service what it keeps between requests.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_HOST_H
#define XACCT_HELPER_HOST_H

#include <stdbool.h>
#include <sys/types.h>

#include "helper/lookup.h"
#include "helper/lookup_pool.h"
#include "helper/policy_store.h"
#include "policy/policy.h"

#define HOST_NAME_SIZE ((size_t)256)
#define BOOT_ID_SIZE   ((size_t)37)

/* Copied for each request, which then sets `loaded` and `policy`. */
struct host {
    char name[HOST_NAME_SIZE];
    char boot_id[BOOT_ID_SIZE]; /* of random(4); empty when it cannot be read */
    gid_t group;                /* the helper's own, which may read the policy */
    const char *state;          /* where the last good policy is kept, if not where it says */
    struct policy_store *policies;
    struct loaded_policy *loaded; /* held for this request, or NULL */
    const struct policy *policy;  /* its policy; NULL when that is broken without a last good one:
                                     then audit file, sessions and choices are where they are by
                                     default */
    const char *policy_error;     /* what is wrong with the policy on disk, or "" */
    const char *policy_hash;      /* of the one in force, or "" */
    bool (*fits)(const struct host *); /* whether we can serve under it; or NULL: under any */
    struct lookup_pool *lookups;
    struct lookup *lookup; /* this request's own, while it has one */
    struct outside
        *outside; /* what runs beside the sandbox; NULL where nothing has to. To be opened
                     by the program before its sandbox closes; host_end closes it */
    /* Of the service; NULL with --once. */
    struct sessions *sessions;
    struct cache *cache;      /* credentials of roles */
    struct cache *base_cache; /* and of bases, */
    struct proofs *proofs;    /* and the tokens and assertions that sessions came with */
    struct limits *limits;
};

/*
 * Finds out what there is to know of this host and starts the look-ups, for many requests at once
 * or for one; `config` and `state` are as for policy_store_new. Returns 0, or an errno when the
 * look-up process cannot be started, or there is no memory. The caller ends with host_end in either
 * case.
 */
int host_begin(struct host *host, const char *config, const char *state, bool many);
void host_end(struct host *host);

/*
 * Takes the policy that is in force now, and writes what is new with it to the audit file. That
 * there is none is no error here, as the request must be answered with the reason. The caller ends
 * with host_release_policy.
 */
void host_hold_policy(struct host *host);
void host_release_policy(struct host *host);

/* The folder of what is kept beyond a boot: the policy's, or without one the default. */
const char *host_state_folder(const struct host *host);

/* Whether the policy that *host holds is still the one in force, and not broken. */
bool host_policy_stands(const struct host *host);

#endif
