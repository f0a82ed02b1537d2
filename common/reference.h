/*
 * The names that join both ends' lines: the reference of a request, which a user reads out and an
 * admin finds in the log, and the id of a session.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_COMMON_REFERENCE_H
#define XACCT_COMMON_REFERENCE_H

#include <stdbool.h>

#include "common/wire.h"

/*
 * Makes a reference: eight characters of Crockford's base 32, which has no I, L, O or U, as those
 * are misheard or misread. It never waits and never fails.
 */
void reference_make(char reference[REFERENCE_SIZE]);

/* Whether `text` has the form of a reference. False for NULL. */
bool reference_is_valid(const char *text);

/* Whether `text` has the form of a session's id: 32 lower-case hexadecimal digits. False for NULL.
 */
bool session_id_is_valid(const char *text);

#endif
