/*
 * From what a request came to, to bytes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_REPLY_H
#define XACCT_HELPER_REPLY_H

#include "common/frame.h"
#include "helper/progress.h"

#define REPLY_GREETING ((size_t)64) /* bytes of memory for a greeting */

/* Makes the greeting in `memory`, which stays the caller's. Returns 0 or ENOBUFS. */
int reply_greeting(struct frame *greeting, unsigned char memory[REPLY_GREETING]);

/*
 * Sends the reply to a request, of one frame or several, on the socket `fd`, behind the greeting
 * where `greets` says that there was none. The reason goes to root alone. Frames that hold a secret
 * are made in secret memory. Returns 0; ENOBUFS when it does not fit a frame; ENOMEM; ETIMEDOUT; or
 * an errno.
 */
int reply_send(const struct progress *progress, int fd, bool greets, struct deadline deadline);

#endif
