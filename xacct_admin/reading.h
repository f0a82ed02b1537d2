/*
 * Reading the policy that a command was given, whoever owns its files.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_READING_H
#define XACCT_XACCT_ADMIN_READING_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/load.h"
#include "policy/policy.h"
#include "xacct/text.h"

struct invocation;

struct reading {
    char *path;                  /* of the main file, absolute */
    size_t skipped;              /* bytes of it that were not given: see reading_shown */
    struct policy *policy;       /* NULL when it has errors */
    struct policy_errors errors; /* without a policy: why */
};

/* The main file that a command is about: that of --config, or the helper's. */
const char *reading_given(const struct invocation *invocation);

/*
 * Begins with the main file at `given`, absolute or relative to the working folder, which is not
 * opened yet. Returns false after a complaint. The caller ends with reading_end in either case.
 */
bool reading_begin(struct reading *reading, const char *given);

/*
 * Reads the policy, with `count` overlays. Owner and mode of its files do not matter. Without
 * overlays the main file may also be one that the helper kept (helper/kept_policy.h): then all
 * files are those in it, called as they were then.
 */
void reading_load(struct reading *reading, const struct policy_overlay *overlays, size_t count);

void reading_end(struct reading *reading);

/*
 * Begins, loads, and complains of every error on standard error as FILE:LINE: error: TEXT. Returns
 * whether there is a policy.
 */
bool reading_open(struct reading *reading, const char *given);

/* The folder that the main file lies in, with its slash: that many bytes of `path`. */
size_t reading_folder(const struct reading *reading);

/* Whether the policy lies where the helper reads it from: there owner and mode count. */
bool reading_is_in_place(const struct reading *reading);

/* A file of the policy as the user would name it: relative where the main file was given so. */
const char *reading_shown(const struct reading *reading, const char *file);

/* Appends FILE:LINE, escaped; what is about a whole file is at its first line. */
void reading_add_place(const struct reading *reading, struct text *text, struct position at);
unsigned reading_line(struct position at);

#endif
