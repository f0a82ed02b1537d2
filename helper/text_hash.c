/*
 * Hashing of texts.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/text_hash.h"

uint64_t text_hash(const char *text)
{
    uint64_t hash = UINT64_C(14695981039346656037);

    for (; *text != '\0'; text++)
        hash = (hash ^ (unsigned char)*text) * UINT64_C(1099511628211);
    return hash;
}
