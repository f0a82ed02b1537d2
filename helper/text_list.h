/*
 * Lists of texts that are owned one by one.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_TEXT_LIST_H
#define XACCT_HELPER_TEXT_LIST_H

#include "policy/policy.h"

/* Frees the texts; the list is empty afterwards. */
void text_list_free(struct texts *list);

#endif
