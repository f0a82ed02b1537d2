/*
 * Credentials as JSON, as metadata services and credential processes give them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_BASE_JSON_H
#define XACCT_HELPER_BASE_JSON_H

#include <stddef.h>

#include "helper/credentials.h"

/* Whose form it has. */
enum base_json_form {
    BASE_JSON_IMDS,      /* Code, AccessKeyId, SecretAccessKey, Token, Expiration */
    BASE_JSON_CONTAINER, /* AccessKeyId, SecretAccessKey, Token, Expiration */
    BASE_JSON_PROCESS    /* Version 1, AccessKeyId, SecretAccessKey; SessionToken and Expiration may
                            be missing */
};

/*
 * Reads the object of `length` bytes. Returns 0 and fills *credentials, which the caller frees;
 * EACCES when it holds a Code other than Success, or a message, and no keys; EBADMSG when it is not
 * such an object, lacks a part, or a part is illegal (an empty text is a missing one, an expiration
 * must be an instant in UTC as 2027-03-31T21:59:59Z); ENOMEM. In `why`, then, a sentence that holds
 * what was wrong, the Code and Message escaped, and never a value of a key.
 */
int base_json_read(enum base_json_form form, const char *text, size_t length,
                   struct credentials *credentials, char *why, size_t why_size);

#endif
