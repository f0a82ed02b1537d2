/*
 * The files that are closed to what runs outside: what is the helper's user's to read and none of
 * an admin's program's business.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_OUTSIDE_CLOSED_H
#define XACCT_HELPER_OUTSIDE_CLOSED_H

#include "policy/policy.h"

/*
 * The policy's own files and folders, the credentials of its bases but the PIN that `base`, which
 * is to run, needs itself, the audit file, the records of sessions and the last good policy. The
 * folder of the configuration stays open beside them, as programs may have their own files there.
 * Returns a list that ends in NULL, as sandbox_landlock_without takes it, for outside_closed_free;
 * or NULL when there is no memory.
 */
char **outside_closed(const struct policy *policy, const struct base *base);

/* Frees the list. NULL is left alone. */
void outside_closed_free(char **closed);

#endif
