/*
 * What the targets share whose inputs hold keys.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_FUZZ_SECRETS_H
#define XACCT_TESTS_FUZZ_SECRETS_H

#include <string.h>

#include "helper/credentials.h"
#include "tests/fuzz/fuzz.h"

/* Opens the arena of secrets. */
static inline void open_secrets(void)
{
    fuzz_need(secret_arena_open((size_t)4 * 1024 * 1024) == 0, "secret_arena_open");
}

/* Credentials that count are whole; those that do not are empty. */
static inline void look_at_credentials(const struct credentials *credentials, bool taken,
                                       bool with_token)
{
    if (!taken) {
        PROMISE(credentials->access_key_id[0] == '\0');
        PROMISE(credentials->secret_access_key.bytes == NULL);
        PROMISE(credentials->session_token.bytes == NULL);
        return;
    }
    PROMISE(credentials_key_id_valid(credentials->access_key_id));
    PROMISE(credentials_secret_valid(&credentials->secret_access_key));
    PROMISE(strlen(credentials->secret_access_key.bytes) == credentials->secret_access_key.length);
    PROMISE(credentials->session_token.bytes != NULL || !with_token);
    PROMISE(credentials->session_token.bytes == NULL ||
            credentials_secret_valid(&credentials->session_token));
    PROMISE(strlen(credentials->source_identity) <= SOURCE_IDENTITY_MAX);
}

#endif
