/*
 * From what a request came to, to bytes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_REPLY_H
#define XACCT_HELPER_REPLY_H

#include "helper/progress.h"

/*
 * Sends the reply to a request, of one frame or several, on the socket `fd`. The reason goes to
 * root alone. Frames that hold a secret are made in secret memory. Returns 0; ENOBUFS when it does
 * not fit a frame; ENOMEM; ETIMEDOUT; or an errno.
 */
int reply_send(const struct progress *progress, int fd, struct deadline deadline);

#endif
