/*
 * The policy in force: read once, and again when a file of it changes. Requests that began under
 * one go on under it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_POLICY_STORE_H
#define XACCT_HELPER_POLICY_STORE_H

#include <sys/types.h>

#include "policy/policy.h"

#define POLICY_HASH_SIZE  ((size_t)65) /* SHA-256 in hexadecimal */
#define POLICY_ERROR_SIZE ((size_t)3072)

/* A policy as it was read, shared by those who hold it. */
struct loaded_policy {
    struct policy *policy;         /* NULL when it is broken */
    char error[POLICY_ERROR_SIZE]; /* then: what is wrong with it, with file and line */
    char hash[POLICY_HASH_SIZE];   /* of all files that it was read from, or empty */
    struct loaded_policy *last;    /* then: the last that was not, held by this one; or NULL */
    unsigned holders;
};

struct policy_store;

/*
 * Makes a store for the policy at `config` (absolute; the caller's), whose files may be readable by
 * `group`. Nothing is read yet. Returns NULL without memory; the caller frees with
 * policy_store_free, once nobody holds a policy.
 */
struct policy_store *policy_store_new(const char *config, gid_t group);
void policy_store_free(struct policy_store *store);

/*
 * The policy as its files are now; the caller gives it back with policy_store_release. A broken one
 * is returned as such, as whoever asks must hear what is wrong; it is read again when one of the
 * files that are known changes, and each second, as what is wrong may be another or a folder.
 * NULL without memory.
 */
struct loaded_policy *policy_store_hold(struct policy_store *store);

/* Gives a policy back. NULL is left alone. */
void policy_store_release(struct loaded_policy *loaded);

#endif
