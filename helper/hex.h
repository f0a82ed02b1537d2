/*
 * Bytes as hexadecimal digits.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_HEX_H
#define XACCT_HELPER_HEX_H

#include <stddef.h>

/* Writes 2 * `count` lower-case digits and a NUL to `text`. */
void hex_encode(char *text, const unsigned char *bytes, size_t count);

#endif
