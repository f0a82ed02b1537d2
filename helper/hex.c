/*
 * Bytes as hexadecimal digits.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/hex.h"

void hex_encode(char *text, const unsigned char *bytes, size_t count)
{
    static const char digits[] = "0123456789abcdef";
    size_t i;

    for (i = 0; i < count; i++) {
        text[2 * i] = digits[bytes[i] >> 4];
        text[2 * i + 1] = digits[bytes[i] & 15];
    }
    text[2 * count] = '\0';
}
