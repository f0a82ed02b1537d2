/*
 * The environment variables that xacct takes away and sets.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_VARIABLES_H
#define XACCT_XACCT_VARIABLES_H

#include <stdbool.h>
#include <stddef.h>

#include "common/frame.h"

/* The static file by which SDKs ask for credentials: conf/credentials.in. */
#define CREDENTIALS_FILE XACCT_DATADIR "/xacct/credentials"

/*
 * Walks through the names that must be gone before another role's variables are set: everything by
 * which an SDK finds credentials, a role or a region, and what xacct says of the role. Start with
 * *cursor = 0; NULL at the end. AWS_SHARED_CREDENTIALS_FILE is among them only when it is ours
 * here; the user's own settings (AWS_CONFIG_FILE, AWS_CA_BUNDLE, ...) never are.
 */
const char *variables_to_unset(size_t *cursor);

/* Whether `path` is the static file, or that of own_profiles.h; false for NULL. */
bool variables_file_is_ours(const char *path);

/*
 * Whether a reply's environment may be used: of WIRE_ENVIRONMENT alone, no value empty, with
 * control characters or not UTF-8, all three parts of a credential or none. Otherwise `why` says
 * what is wrong, without any value.
 */
bool variables_check(const struct frame *reply, char *why, size_t why_size);

/* Walks through the environment that a reply carries: KEY=VALUE, or NULL at the end. */
const char *variables_next(const struct frame *reply, size_t *cursor);

/*
 * The value in KEY=VALUE of a reply as it is to be set here: the static file gives way to that of
 * own_profiles.h, made anew and its path written into `path` of `size` bytes, where the user has
 * profiles that would be missed.
 */
const char *variables_value(const char *string, char *path, size_t size);

#endif
