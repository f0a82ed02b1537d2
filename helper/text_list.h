/*
 * Lists of texts that are owned one by one.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_TEXT_LIST_H
#define XACCT_HELPER_TEXT_LIST_H

#include "policy/policy.h"

/* Gives *copy texts of its own. Returns 0, or ENOMEM with *copy empty. */
int text_list_copy(struct texts *copy, const struct texts *list);

/* Frees the texts; the list is empty afterwards. */
void text_list_free(struct texts *list);

#endif
