/*
 * A session's record as JSON.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SESSION_RECORD_JSON_H
#define XACCT_HELPER_SESSION_RECORD_JSON_H

#include <stddef.h>

#include "helper/session_record.h"

/* The record as text, which the caller frees, or NULL without memory. */
char *session_record_to_json(const struct session_record *record);

/*
 * Reads a record from `length` bytes. Returns 0; EBADMSG when they are none, with what is wrong in
 * *wrong, a constant; ENOMEM.
 */
int session_record_from_json(const char *text, size_t length, struct session_record *record,
                             const char **wrong);

#endif
