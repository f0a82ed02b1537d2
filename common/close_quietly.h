/*
 * Closing a descriptor while errno still says what has failed before.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_COMMON_CLOSE_QUIETLY_H
#define XACCT_COMMON_CLOSE_QUIETLY_H

/* Closes `fd`, or nothing for -1, without touching errno. */
void close_quietly(int fd);

#endif
