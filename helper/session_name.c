/*
 * The mapping from an identity to the name that STS and CloudTrail see.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/session_name.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <string.h>

#include "helper/hex.h"

#define SESSION_NAME_MIN 2
#define HASH_BYTES       8                              /* of the SHA-256 that are kept */
#define ENDING           ((size_t)(1 + 2 * HASH_BYTES)) /* '-' and the hash in hexadecimal */
#define MAPPED_MAX       (SESSION_NAME_MAX - ENDING)    /* what is kept in front of the ending */

static const char legal[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                            "abcdefghijklmnopqrstuvwxyz"
                            "0123456789_+=,.@-";

/* Whether the identity ends as a mapped name does; in either case, as trust policies may fold it.
 */
static bool looks_mapped(const char *identity, size_t length)
{
    size_t i;

    if (length < ENDING || identity[length - ENDING] != '-')
        return false;
    for (i = length - ENDING + 1; i < length; i++)
        if (!isxdigit((unsigned char)identity[i]))
            return false;
    return true;
}

int session_name(const char *identity, char name[SESSION_NAME_MAX + 1])
{
    size_t length = strlen(identity), kept, i;
    unsigned char hash[EVP_MAX_MD_SIZE];

    if (length == 0)
        return EINVAL;
    if (length >= SESSION_NAME_MIN && length <= SESSION_NAME_MAX &&
        strspn(identity, legal) == length && !looks_mapped(identity, length)) {
        memcpy(name, identity, length + 1);
        return 0;
    }
    if (EVP_Q_digest(NULL, "SHA256", NULL, identity, length, hash, NULL) != 1)
        return EIO;
    kept = length < MAPPED_MAX ? length : MAPPED_MAX;
    for (i = 0; i < kept; i++)
        name[i] = (char)(strchr(legal, identity[i]) != NULL ? identity[i] : '_');
    name[kept++] = '-';
    hex_encode(name + kept, hash, HASH_BYTES);
    return 0;
}
