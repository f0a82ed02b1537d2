/*
 * check, open and close: what the module asks for, as root.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_LOGIN_OPERATIONS_H
#define XACCT_HELPER_LOGIN_OPERATIONS_H

#include "helper/progress.h"

/* Has this login any role now? */
void login_check(struct progress *progress);

/* Decides, assumes the role that the login starts with, and records the session. */
void login_open(struct progress *progress);

/* The session has ended. */
void login_close(struct progress *progress);

/* Takes back a session that was opened, whose reply did not reach the module. */
void login_undo(struct progress *progress);

#endif
