/*
 * What is printed, into a file that others read meanwhile.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_OUTPUT_FILE_H
#define XACCT_XACCT_ADMIN_OUTPUT_FILE_H

#include <stdbool.h>
#include <sys/types.h>

#include "xacct/text.h"

/*
 * Writes the text to the file at `path` with this mode, whatever the umask: under another name in
 * the same folder, hidden and not ending as `path` does, and then in the place of what is there, by
 * a rename. Who opens it finds the old or the new one whole; a link is replaced, not followed.
 * Returns false after a complaint, and what was there is as before.
 */
bool output_file_write(const char *path, mode_t mode, const struct text *text);

#endif
