/*
 * A role as text for a shell: for env and switch.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ROLE_TEXT_H
#define XACCT_XACCT_ROLE_TEXT_H

#include "xacct/command.h"
#include "xacct/shell_text.h"

/*
 * The dialect that --shell names. NULL after a complaint when there is none, or when it is no
 * shell's and `shells_only`.
 */
const struct dialect *role_text_dialect(const struct invocation *invocation, bool shells_only);

/*
 * Gets credentials for `role` and prints the text that takes the old role's variables away and sets
 * the new one's. Returns the exit status; after a failure nothing was printed but the complaint.
 */
int role_text_print(const struct invocation *invocation, const struct dialect *dialect,
                    const char *role, const char *purpose);

/* How to load the integration of the user's shell (of SHELL), for a sentence. A constant. */
const char *role_text_how_to_load(void);

#endif
