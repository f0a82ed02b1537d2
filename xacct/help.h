/*
 * What --help shows.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_HELP_H
#define XACCT_XACCT_HELP_H

#include "xacct/command.h"

/* Prints what all of xacct is for, with the list of commands. Returns the exit status. */
int help_show(void);

/* Prints what one command is for, with its options and an example. Returns the exit status. */
int help_show_command(const struct command *command);

#endif
