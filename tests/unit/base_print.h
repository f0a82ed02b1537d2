/*
 * What came of fetching base credentials, as tests in Python read it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_BASE_PRINT_H
#define XACCT_TESTS_BASE_PRINT_H

#include <stdio.h>

#include "helper/base_source.h"

/* Prints one NAME=VALUE a line. */
static inline void base_print(enum status status, const struct credentials *credentials,
                              const char *why)
{
    const char *token = credentials->session_token.bytes;

    printf("status=%s\n", status_name(status));
    printf("why=%s\n", why);
    if (status != STATUS_PERMITTED)
        return;
    printf("AccessKeyId=%s\n", credentials->access_key_id);
    printf("SecretAccessKey=%s\n", credentials->secret_access_key.bytes);
    printf("Token=%s\n", token != NULL ? token : "");
    printf("expiration=%lld\n", (long long)credentials->expiration);
    printf("source_identity=%s\n", credentials->source_identity);
}

#endif
