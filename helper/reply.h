/*
 * From an outcome to bytes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_REPLY_H
#define XACCT_HELPER_REPLY_H

#include "common/frame.h"
#include "helper/outcome.h"
#include "helper/request.h"

/*
 * Fills `frame`, whose memory should be secret, with the reply to `request`. `uid` is whom it goes
 * to: the reason goes to root alone. Returns 0, or ENOBUFS when it does not fit the frame.
 */
int reply_make(const struct outcome *outcome, const struct request *request, uid_t uid,
               struct frame *frame);

#endif
