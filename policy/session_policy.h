/*
 * Session policies: files that [role] and [account] name. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_SESSION_POLICY_H
#define XACCT_POLICY_SESSION_POLICY_H

#include "policy/loader.h"

/*
 * The text of the file at `path`, absolute or relative to the folder of the configuration, in the
 * policy's memory; NULL when it cannot be read or is not fit, which is told to the loader: at the
 * file's own line, or at `at`, where the file is named. A file that several roles name is read
 * once, and what is wrong with it is told once.
 */
char *session_policy_read(struct loader *loader, struct position at, const char *path);

#endif
