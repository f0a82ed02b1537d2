/*
 * The audit file: one line after the other, each whole or not there.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_AUDIT_FILE_H
#define XACCT_HELPER_AUDIT_FILE_H

#include <stddef.h>

/*
 * Appends the line, which has no end, in one write to the file at `path` (absolute), which is made
 * where there is none. Returns 0 once it stands there whole, or an errno, with the reason in `why`
 * of `why_size` bytes, which is empty otherwise, where it is a folder's; EPERM where others than
 * root and the effective user may write the file, or take away it or a folder above it.
 *
 * File and folders stay open until the next line, for which all of them are looked at again: where
 * a name leads elsewhere by then, or anything may be written by others, they are opened anew. So
 * the file may be moved away at any time; where that has happened while the line was written, it is
 * written once more into the file that is there now, as the one that was moved may be compressed
 * already.
 */
int audit_file_append(const char *path, const char *line, char *why, size_t why_size);

/* Closes what is open. */
void audit_file_close(void);

#endif
