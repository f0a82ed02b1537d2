/*
 * Writing application/x-www-form-urlencoded: the body of a POST, or the query of a URL. A form may
 * hold secrets, so it is written in place, once to be measured and once to be kept.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_FORM_H
#define XACCT_HELPER_FORM_H

#include <stddef.h>

/* A form being written: only measured while `out` is NULL. */
struct form {
    char *out;
    size_t length;
};

/* Puts a text as it is. */
void form_put(struct form *form, const char *text);

/*
 * Puts a text encoded; a space as %20 and not as the shorter '+', which means the same to AWS, but
 * which Ceph's gateway takes for itself.
 */
void form_put_encoded(struct form *form, const char *text);

/* Puts NAME=VALUE, after a '&' unless it is the first; nothing when the value is NULL. */
void form_put_parameter(struct form *form, const char *name, const char *value);

#endif
