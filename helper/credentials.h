/*
 * A set of AWS credentials: the host's own, or those of an assumed role.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_CREDENTIALS_H
#define XACCT_HELPER_CREDENTIALS_H

#include <time.h>

#include "common/secret.h"

#define ACCESS_KEY_ID_MAX   ((size_t)128) /* STS API reference, Credentials: 16 to 128 of \w */
#define SOURCE_IDENTITY_MAX ((size_t)64)  /* STS API reference, AssumeRole */

struct credentials {
    char access_key_id[ACCESS_KEY_ID_MAX + 1];
    struct secret secret_access_key;
    struct secret session_token; /* empty for a long-term key */
    time_t expiration;           /* seconds since 1970, UTC; 0 when they do not expire */
    /* The source identity that their session carries, as far as it is known; or empty. */
    char source_identity[SOURCE_IDENTITY_MAX + 1];
};

/* Wipes and frees the secrets; the set is empty afterwards. NULL is left alone. */
void credentials_free(struct credentials *credentials);

/* Gives *copy a copy, which the caller frees. Returns 0, or ENOMEM with an empty set. */
int credentials_copy(struct credentials *copy, const struct credentials *credentials);

/*
 * Whether `text` can be an access key id (1 to 128 of \w: AWS's have 16 at least, gateways that
 * speak the same protocol give shorter ones), and whether a secret or a token holds only what may
 * stand in an HTTP header and an environment variable (visible ASCII, no space, one byte at least).
 * Return 1 or 0.
 */
int credentials_key_id_valid(const char *text);
int credentials_secret_valid(const struct secret *secret);

#endif
