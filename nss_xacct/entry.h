/*
 * From what the service told to what NSS hands out.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_NSS_XACCT_ENTRY_H
#define XACCT_NSS_XACCT_ENTRY_H

#include <grp.h>
#include <nss.h>
#include <stddef.h>

#include "nss_xacct/ask.h"

/*
 * Fills *entry, its texts in `buffer` of `size` bytes: a group without a password and without a
 * list of members, as nobody but the user and root may know them. Returns SUCCESS; or TRYAGAIN with
 * ERANGE in *error where the buffer is too small, on which libc asks again with a larger one.
 */
enum nss_status entry_fill(const struct found_group *group, struct group *entry, char *buffer,
                           size_t size, int *error);

#endif
