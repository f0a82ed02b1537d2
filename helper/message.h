/*
 * The one line that a user reads at login.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_MESSAGE_H
#define XACCT_HELPER_MESSAGE_H

#include "helper/outcome.h"
#include "policy/decide.h"

/*
 * Writes outcome->message: the role, its account, when the credentials end and what else may be
 * chosen; or, where the login starts with none, what may be chosen.
 */
void message_opened(const struct decision *decision, struct outcome *outcome);

#endif
