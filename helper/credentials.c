/*
 * What a set of credentials may look like, and its end.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/credentials.h"

#include <errno.h>
#include <string.h>

void credentials_free(struct credentials *credentials)
{
    if (credentials == NULL)
        return;
    secret_free(&credentials->secret_access_key);
    secret_free(&credentials->session_token);
    memset(credentials, 0, sizeof *credentials);
}

int credentials_copy(struct credentials *copy, const struct credentials *credentials)
{
    const struct secret *key = &credentials->secret_access_key;
    const struct secret *token = &credentials->session_token;

    *copy = *credentials;
    copy->secret_access_key = copy->session_token = (struct secret){NULL, 0};
    if (secret_copy(&copy->secret_access_key, key->bytes, key->length) == 0 &&
        (token->bytes == NULL ||
         secret_copy(&copy->session_token, token->bytes, token->length) == 0))
        return 0;
    credentials_free(copy);
    return ENOMEM;
}

int credentials_key_id_valid(const char *text)
{
    static const char word[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "abcdefghijklmnopqrstuvwxyz"
                               "0123456789_";
    size_t length = strlen(text);

    return length > 0 && length <= ACCESS_KEY_ID_MAX && strspn(text, word) == length;
}

int credentials_secret_valid(const struct secret *secret)
{
    size_t i;

    if (secret->bytes == NULL || secret->length == 0)
        return 0;
    for (i = 0; i < secret->length; i++)
        if (secret->bytes[i] < '!' || secret->bytes[i] > '~')
            return 0;
    return 1;
}
