/*
 * Numbers by which texts are told apart where it does no harm that two are taken for one: whoever
 * wants to can make such two.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_TEXT_HASH_H
#define XACCT_HELPER_TEXT_HASH_H

#include <stdint.h>

/* The text's hash by FNV-1a (draft-eastlake-fnv, section 2). */
uint64_t text_hash(const char *text);

#endif
