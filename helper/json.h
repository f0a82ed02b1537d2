/*
 * Untrusted text as JSON.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_JSON_H
#define XACCT_HELPER_JSON_H

#include <jansson.h>

/*
 * Sets `key` of `object` to `text`, or leaves it out when `text` is NULL or empty. Text that is not
 * UTF-8, which JSON cannot hold, is written as escape() shows it. Returns 0, or -1 without memory.
 */
int json_set_text(json_t *object, const char *key, const char *text);

#endif
