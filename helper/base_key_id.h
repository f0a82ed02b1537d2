/*
 * The access key id in the file of base credentials, for each login that needs to know whose
 * credentials it would be given: the file is read again when it is another than it was.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_BASE_KEY_ID_H
#define XACCT_HELPER_BASE_KEY_ID_H

#include <sys/types.h>

#include "helper/credentials.h"
#include "policy/policy.h"

/*
 * Sets `id` to the access key id of the base's profile in its file (`source = file`), or to ""
 * where they cannot be read now. It is remembered for as long as the file's stamp is the same, and
 * not where that has changed within the last second (common/file_stamp.h). `group` as in
 * base_file_read.
 */
void base_key_id(const struct base *base, gid_t group, char id[ACCESS_KEY_ID_MAX + 1]);

#endif
