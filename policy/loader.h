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

/* A key of a [ca], in its one spelling. */
struct ca_key {
    char *text;
    const struct ca *ca;
};

/* A session policy that was asked for, and its text, NULL when it is not fit. */
struct session_policy {
    const char *path;
    char *text;
};

/* A gid in decimal, and the Unix group whose it is. */
struct known_gid {
    char *gid;
    const struct unix_group *group;
};

/* The keys that one kind of section takes. */
struct key_list {
    const struct key **items;
    size_t count;
    const struct key **required; /* those of them that no such section may lack */
    size_t required_count;
};

/* Hours as they are written, and what they mean. */
struct known_hours {
    const char *lines;
    struct hours hours;
};

struct loader {
    struct policy *policy; /* being built; what it keeps lies in its own memory */
    struct policy_errors *errors;
    const struct trust *trust;
    const char *path;                      /* of the configuration file */
    const struct policy_overlay *overlays; /* what stands in for files on disk */
    size_t overlay_count;
    bool in_memory;       /* conf.d is what the overlays say alone */
    bool has_moments;     /* some rule says since when or until when it holds */
    struct arena scratch; /* what is needed while loading only */
    struct key_list keys[SECTION_KINDS];
    struct index groups;           /* of struct named_group */
    struct index session_policies; /* of struct session_policy */
    struct index ca_keys;          /* of struct ca_key */
    struct index hours;            /* of struct known_hours */
    struct index unix_groups;      /* of struct unix_group */
    struct index gids;             /* of struct known_gid */
};

/* What a key's value goes to: the members that its section has; the others are NULL. */
struct target {
    const struct section *section;
    struct role_settings *settings; /* [xacct] [account] [role] */
    struct account *account;
    struct role *role;
    char *role_path;  /* of [role]: what `name` says, until its account and partition are known */
    char *unix_group; /* of [account] [role]: what `unix_group` and `gid` say, */
    gid_t gid;        /* or NULL and 0 */
    struct subjects *who; /* [grant] [deny] */
    struct grant *grant;  /* of [grant], or the rule of [pattern] */
    struct pattern *pattern;
    struct deny *deny;
    struct base *base;
    struct ca *ca;
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

/*
 * Names a place for a message about another: "line 12", or, where the two stand in different files,
 * "FILE:12". Lies in the loader's scratch memory.
 */
const char *loader_place(struct loader *loader, struct position here, struct position there);

/* Puts the errors in the order of their lines. */
void loader_sort_errors(struct policy_errors *errors);

#endif
