/*
 * Writing the whole of a text to a file.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_WRITE_ALL_H
#define XACCT_HELPER_WRITE_ALL_H

#include <stddef.h>

/* Writes `length` bytes, going on after interrupted and short writes. Returns 0 or an errno. */
int write_all(int fd, const char *bytes, size_t length);

#endif
