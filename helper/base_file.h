/*
 * Base credentials from a file in the format of AWS's shared credentials file: [profile] sections
 * with aws_access_key_id, aws_secret_access_key and, optionally, aws_session_token. Other keys are
 * left alone, as AWS's own tools leave them.
 * Source: AWS SDKs and Tools Reference Guide, "Shared config and credentials files".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_BASE_FILE_H
#define XACCT_HELPER_BASE_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "common/trusted_file.h"
#include "helper/credentials.h"

/*
 * Reads `profile` of the file at `path`, which must be root's with group `group` at 0640, or the
 * caller's own at 0600, or stricter. Returns 0 and fills *credentials, which the caller frees;
 * ENOENT, EACCES, EINVAL or another errno with a sentence in `why` that names file, line or profile
 * and what to do. The sentence never holds a value from the file.
 */
int base_file_read(const char *path, const char *profile, gid_t group,
                   struct credentials *credentials, char *why, size_t why_size);

/*
 * The same under other rules of owner and mode, for a look at a file that the caller does not use;
 * `largest` of the trust is set here.
 */
int base_file_read_under(const char *path, const char *profile, struct trust trust,
                         struct credentials *credentials, char *why, size_t why_size);

/*
 * The same for the `length` bytes of a file in memory (secret memory, as it holds keys), called
 * `path` in messages: for tests and for fuzzing.
 */
int base_file_parse(const char *path, const char *text, size_t length, const char *profile,
                    struct credentials *credentials, char *why, size_t why_size);

#endif
