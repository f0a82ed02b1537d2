/*
 * The one line that a user reads, at login or as the answer to a command.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_MESSAGE_H
#define XACCT_HELPER_MESSAGE_H

#include "helper/progress.h"

/*
 * Writes outcome->message: the role, its account, when the credentials end and what else may be
 * chosen; or, where the login starts with none, what may be chosen.
 */
void message_opened(const struct decision *decision, struct outcome *outcome);

/* Writes outcome->message for a shell that has changed to another role: which, and for how long. */
void message_switched(struct outcome *outcome);

/*
 * Writes outcome->message of a user's request that came to nothing, unless one stands there: what,
 * why and what next, with nothing of what the log alone may say.
 */
void message_refused(struct progress *progress);

#endif
