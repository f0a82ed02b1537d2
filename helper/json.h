/*
 * Untrusted text as JSON.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_JSON_H
#define XACCT_HELPER_JSON_H

#include <jansson.h>

#include "policy/policy.h"

/*
 * The value as text, made with these flags of json_dumps(3), which the caller frees; or NULL
 * without memory. Where the memory for a member's name is the only one that fails, json_dumps(3)
 * itself leaves the name out and returns what is no JSON.
 */
char *json_as_text(const json_t *value, size_t flags);

/*
 * Sets `key` of `object` to `text`, or leaves it out when `text` is NULL or empty. Text that is not
 * UTF-8, which JSON cannot hold, is written as escape() shows it. Returns 0, or -1 without memory.
 */
int json_set_text(json_t *object, const char *key, const char *text);

/*
 * As json_set_text for what json_exact reads again, byte for byte: names are matched by their
 * bytes. Text that is not UTF-8 is written as the list of its bytes.
 */
int json_set_exact(json_t *object, const char *key, const char *text);

/* As json_set_exact for a list, of which none is empty; the list itself may be. */
int json_set_exact_list(json_t *object, const char *key, const struct texts *list);

/*
 * Sets *text to what json_set_exact wrote, which the caller frees, or to NULL where it wrote
 * nothing. Returns 0; EBADMSG when it is something else; ENOMEM.
 */
int json_exact(const json_t *object, const char *key, char **text);

/*
 * Sets *list to what json_set_exact_list wrote, which the caller frees with text_list_free. Returns
 * 0; ENOENT where there is none; EBADMSG when it is something else; ENOMEM.
 */
int json_exact_list(const json_t *object, const char *key, struct texts *list);

#endif
