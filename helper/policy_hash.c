/*
 * Hashing policies.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/policy_hash.h"

#include <openssl/evp.h>
#include <string.h>

#include "helper/hex.h"

/* Hashes one text and its length, so that no two lists of texts are hashed alike. */
static int hash_text(EVP_MD_CTX *context, const char *text, size_t length)
{
    return EVP_DigestUpdate(context, &length, sizeof length) == 1 &&
           EVP_DigestUpdate(context, text, length) == 1;
}

void policy_hash(const struct policy_file *files, size_t count, char hash[POLICY_HASH_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int fine = context != NULL && EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1;
    size_t i;

    hash[0] = '\0';
    for (i = 0; fine && i < count; i++)
        fine = hash_text(context, files[i].path, strlen(files[i].path)) &&
               hash_text(context, files[i].bytes, files[i].length);
    if (fine && EVP_DigestFinal_ex(context, digest, NULL) == 1)
        hex_encode(hash, digest, (POLICY_HASH_SIZE - 1) / 2);
    EVP_MD_CTX_free(context);
}
