/*
 * The role that each human wants the next login to start with: one small file a human in a folder
 * that only the helper's user can enter. A wish, not a right: it counts where the policy permits.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_CHOICES_H
#define XACCT_HELPER_CHOICES_H

#include <stddef.h>

#include "helper/host.h"

/*
 * The choice of `human`, which the caller frees, or NULL when there is none. One that cannot be
 * read counts as none, after a warning in the log.
 */
char *choice_read(const struct host *host, const char *human);

/*
 * Keeps `role` as the choice, whole or not at all; or forgets it where `role` is NULL. Returns 0,
 * or an errno with a sentence in `why` that names the file.
 */
int choice_write(const struct host *host, const char *human, const char *role, char *why,
                 size_t why_size);

#endif
