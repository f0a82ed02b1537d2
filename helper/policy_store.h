/*
 * The policy in force: read once, and again when a file of it changes. Requests that began under
 * one go on under it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_POLICY_STORE_H
#define XACCT_HELPER_POLICY_STORE_H

#include <sys/types.h>
#include <time.h>

#include "helper/policy_hash.h"
#include "policy/policy.h"

#define POLICY_ERROR_SIZE ((size_t)3072)

/* What is new with a policy, for whoever holds it first. */
enum policy_news {
    POLICY_AS_BEFORE,
    POLICY_CHANGED, /* another one is in force than the one that was kept last */
    POLICY_BROKEN,  /* the one on disk is broken, which nobody has said yet */
    POLICY_MENDED   /* it was, and is no more */
};

/* A policy as it was read, shared by those who hold it. */
struct loaded_policy {
    struct policy *policy; /* in force: as its files are, or else the last good one; NULL without
                              either */
    char hash[POLICY_HASH_SIZE];   /* of all files that it was read from, or empty */
    char error[POLICY_ERROR_SIZE]; /* what is wrong with the files as they are, with file and line;
                                      or empty */
    time_t broken_since;           /* since when; or 0 */
    enum policy_news news;         /* to be set to AS_BEFORE by whoever has told them */
    struct loaded_policy *last;    /* whose policy it is, held by this one; NULL where its own */
    unsigned holders;
};

struct policy_store;

/*
 * Makes a store for the policy at `config` (absolute), whose files may be readable by `group`. The
 * last good policy is kept in the folder `state`; NULL: where the policy says, and while that is
 * not known, where it is by default. Texts are the caller's. Nothing is read yet. Returns NULL
 * without memory; the caller frees with policy_store_free, once nobody holds a policy.
 */
struct policy_store *policy_store_new(const char *config, const char *state, gid_t group);
void policy_store_free(struct policy_store *store);

/*
 * The policy in force; the caller gives it back with policy_store_release. One that is good is kept
 * on disk, by its hash as well (helper/policy_archive.h), and put in the place of an older copy
 * that lies where it is kept by default, or was until now. Where it is broken the last good one is
 * in force, from memory or else from disk, and the log says so at LOG_ALERT; it is read again when
 * one of the files that are known changes, and each second, as what is wrong may be another or a
 * folder. NULL without memory.
 */
struct loaded_policy *policy_store_hold(struct policy_store *store);

/* When the policy came into force, as the file says in which it is kept; 0: not known. */
time_t policy_store_in_force_since(const struct policy_store *store,
                                   const struct loaded_policy *loaded);

/* The same policy for a further holder, who gives it back likewise, whatever is in force now. */
struct loaded_policy *policy_store_hold_again(struct loaded_policy *loaded);

/* Gives a policy back. NULL is left alone. */
void policy_store_release(struct loaded_policy *loaded);

#endif
