/*
 * Choosing a role at the terminal.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_CHOICE_H
#define XACCT_XACCT_CHOICE_H

#include "xacct/roles.h"

/*
 * Lets the user choose one of the roles (at least one): in fzf where PATH has it, else by number or
 * name from a list. All of it on /dev/tty, as standard output is for a shell. Returns the role's
 * name, which the caller frees; NULL after a complaint when none was chosen.
 */
char *choose_role(const struct roles *roles);

#endif
