/*
 * What the parts of the policy reader share while a policy is being built. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_LOADER_H
#define XACCT_POLICY_LOADER_H

#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>

#include "policy/load.h"
#include "policy/sections.h"

/* A group that a rule names, and its place in policy->groups. */
struct named_group {
    const char *name;
    size_t place;
};

/* A session policy that was asked for, and its text, NULL when it is not fit. */
struct session_policy {
    const char *path;
    char *text;
};

/* An account by its id. */
struct account_id {
    const char *id;
    const struct account *account;
};

struct loader {
    struct policy *policy; /* being built; what it keeps lies in its own memory */
    struct policy_errors *errors;
    const struct trust *trust;
    const char *path;              /* of the configuration file */
    struct role_settings defaults; /* what [xacct] says for all roles */
    const char *partition;         /* of [xacct]'s region; NULL when that is wrong */
    struct arena scratch;          /* what is needed while loading only */
    struct index groups;           /* of struct named_group */
    struct index session_policies; /* of struct session_policy */
    struct index account_ids;      /* of struct account_id */
};

/* What a key's value goes to: the members that its section has; the others are NULL. */
struct target {
    const struct section *section;
    struct role_settings *settings; /* [xacct] [account] [role] */
    struct account *account;
    struct role *role;
    char *role_path; /* of [role]: what `name` says, until its account and partition are known */
    struct subjects *who; /* [grant] [deny] */
    struct grant *grant;
    struct deny *deny;
};

/*
 * Adds an error; the arguments are printf's. A policy with an error is refused whole. Where memory
 * runs out, the loader's scratch arena is marked as exhausted, which refuses the policy as well.
 */
void loader_error(struct loader *loader, struct position at, const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* The same for arguments of a caller's. */
void loader_verror(struct loader *loader, struct position at, const char *format, va_list arguments)
    __attribute__((format(printf, 3, 0)));

/* Puts the errors in the order of their lines. */
void loader_sort_errors(struct policy_errors *errors);

#endif
