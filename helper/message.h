/*
 * The one line that a user reads, at login or as the answer to a command.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_MESSAGE_H
#define XACCT_HELPER_MESSAGE_H

#include "helper/progress.h"

/*
 * Writes outcome->message of a login: the role, its account, when the credentials end, that what
 * gives the role is over within a quarter of an hour where it is, and what else may be chosen; or,
 * where the login starts with none, what may be chosen, and why the role that it would start with
 * is left out, where that ends too soon.
 */
void message_opened(struct progress *progress);

/*
 * Writes outcome->message for a shell that has changed to another role: which, for how long, and
 * that it is over soon, as message_opened.
 */
void message_switched(struct progress *progress);

/*
 * Writes outcome->message of a user's request that came to nothing, unless one stands there: what,
 * why and what next, with nothing of what the log alone may say.
 */
void message_refused(struct progress *progress);

#endif
