/*
 * Small files that hold a secret, such as keys, a token or a PIN: read whole, into secret memory.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SECRET_FILE_H
#define XACCT_HELPER_SECRET_FILE_H

#include <stddef.h>
#include <sys/types.h>

#include "common/secret.h"
#include "common/trusted_file.h"

/*
 * Reads the file at `path` (absolute), which must be root's with group `group` at 0640, or the
 * caller's own at 0600, or stricter (common/trusted_file.h), and have `largest` bytes at most;
 * again where it is being written meanwhile. Returns 0 and *text, which the caller frees; ENOENT,
 * EACCES, EAGAIN (it changes all the time), ENOMEM or another errno with a sentence in `why` that
 * names the file and what to do.
 */
int secret_file_read(const char *path, gid_t group, size_t largest, struct secret *text, char *why,
                     size_t why_size);

/* The same under other rules of owner and mode, for a look at a file that the caller does not use.
 */
int secret_file_read_under(const char *path, const struct trust *trust, struct secret *text,
                           char *why, size_t why_size);

/*
 * The same for a file that holds one word and perhaps a newline behind it, which is not part of it:
 * `shortest` to `longest` bytes of visible ASCII, else EINVAL.
 */
int secret_file_word(const char *path, gid_t group, size_t shortest, size_t longest,
                     struct secret *word, char *why, size_t why_size);

#endif
