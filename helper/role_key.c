/*
 * Keys of the cache.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/role_key.h"

#include <openssl/evp.h>
#include <string.h>

#include "helper/base_key_id.h"

static bool add(EVP_MD_CTX *hash, const void *bytes, size_t length)
{
    return EVP_DigestUpdate(hash, bytes, length) == 1;
}

/* Adds a text with its end, so that two never look like two others. */
static bool add_text(EVP_MD_CTX *hash, const char *text)
{
    return text == NULL ? add(hash, "\1", 1) : add(hash, text, strlen(text) + 1);
}

static bool add_list(EVP_MD_CTX *hash, const struct texts *list)
{
    bool fine = true;
    size_t i;

    for (i = 0; fine && i < list->count; i++)
        fine = add_text(hash, list->items[i]);
    return fine && add_text(hash, NULL);
}

/*
 * Adds who signs for `role` in the end. The tags and the source identity of the roles in front pass
 * on to it, so where there are some, all of the policy counts. A file that cannot be read now is no
 * key of its own.
 */
static bool add_signers(EVP_MD_CTX *hash, const struct host *host, const struct role *role)
{
    char id[ACCESS_KEY_ID_MAX + 1] = "";
    const struct base *base;
    bool fine = role->settings.base_role == NULL || add_text(hash, host->policy_hash);

    while (role->settings.base_role != NULL)
        role = role->settings.base_role;
    base = role->settings.base;
    if (base->source == BASE_FILE)
        base_key_id(base, host->group, id);
    return fine && add_text(hash, base->name) && add_text(hash, id);
}

bool role_key(const struct host *host, const struct identity *identity, const struct role *role,
              const struct sts_assume_role *call, unsigned char key[CACHE_KEY_SIZE])
{
    struct sts_assume_role uncut = *call;
    struct secret body = {NULL, 0};
    EVP_MD_CTX *hash = EVP_MD_CTX_new();
    bool fine;

    uncut.duration = role->settings.duration;
    fine = hash != NULL && sts_body(&uncut, &body) == 0 &&
           EVP_DigestInit_ex(hash, EVP_sha256(), NULL) == 1 &&
           add(hash, body.bytes, body.length + 1) &&
           add(hash, &identity->user.uid, sizeof identity->user.uid) &&
           add_text(hash, identity->human) && add_text(hash, host->policy->sts_endpoint) &&
           add_list(hash, &role->settings.sts_regions) &&
           (call->proof != NULL || add_signers(hash, host, role)) &&
           EVP_DigestFinal_ex(hash, key, NULL) == 1;
    EVP_MD_CTX_free(hash);
    secret_free(&body);
    return fine;
}
