/*
 * The user's own profiles beside a role that is delivered by process.
 *
 * Every SDK reads one credentials file. While that is the static one of the role, what stands in
 * ~/.aws/credentials is not read: neither its profiles, nor those of ~/.aws/config that have one of
 * them as their source_profile. So for a shell that loads the integration, and for what xacct runs,
 * there is another file in the user's cache folder: [default] is the role, as in the static file,
 * and every profile of ~/.aws/credentials stands beside it. No key is copied: a profile with keys
 * gets a credential_process that reads them where they are, at the time that they are asked for.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_OWN_PROFILES_H
#define XACCT_XACCT_OWN_PROFILES_H

#include <stdbool.h>
#include <stddef.h>

#include "xacct/text.h"

/* Writes the path of that file into `path`, of `size` bytes. False when it cannot be told. */
bool own_profiles_path(char *path, size_t size);

/*
 * Makes that file anew from what ~/.aws/credentials holds now. Returns whether it is there to be
 * used: false too where the user has nothing that would be missed.
 */
bool own_profiles_write(void);

/* Appends the keys of a profile in ~/.aws/credentials, as JSON for credential_process. False after
 * a complaint. */
bool own_profiles_keys(const char *profile, struct text *text);

#endif
