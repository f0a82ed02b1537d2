/*
 * The subcommands. Each takes an invocation that options_parse has filled in, says on standard
 * error what went wrong, and returns the exit status.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_COMMANDS_H
#define XACCT_XACCT_COMMANDS_H

#include "xacct/command.h"

int command_list(const struct invocation *invocation);
int command_status(const struct invocation *invocation);
int command_switch(const struct invocation *invocation);
int command_drop(const struct invocation *invocation);
int command_env(const struct invocation *invocation);
int command_exec(const struct invocation *invocation);
int command_credentials(const struct invocation *invocation);
int command_console(const struct invocation *invocation);
int command_default(const struct invocation *invocation);
int command_profiles(const struct invocation *invocation);
int command_init(const struct invocation *invocation);
int command_complete(const struct invocation *invocation);

/* In xacct these execute xacct-admin, which has functions of the same names that do it. */
int command_check(const struct invocation *invocation);
int command_diff(const struct invocation *invocation);
int command_explain(const struct invocation *invocation);
int command_trust(const struct invocation *invocation);
int command_doctor(const struct invocation *invocation);
int command_who(const struct invocation *invocation);
int command_trace(const struct invocation *invocation);
int command_report(const struct invocation *invocation);
int command_revoke(const struct invocation *invocation);
int command_metrics(const struct invocation *invocation);

#endif
