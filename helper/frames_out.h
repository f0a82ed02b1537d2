/*
 * Frames that go out one after the other, several at a time: each that is sent by itself is a call,
 * and may wake whoever waits at the other end for the last of them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_FRAMES_OUT_H
#define XACCT_HELPER_FRAMES_OUT_H

#include "common/deadline.h"
#include "common/frame.h"

#define FRAMES_OUT_ROOM ((size_t)4096) /* bytes that are sent together at most */

/* Not for frames that hold a secret, as it is no secret memory. */
struct frames_out {
    int fd;
    struct deadline deadline;
    size_t length; /* of the bytes that are still to be sent */
    unsigned char bytes[FRAMES_OUT_ROOM];
};

/* Begins with none, for the socket `fd`, until the deadline. */
void frames_out_begin(struct frames_out *out, int fd, struct deadline deadline);

/* Adds a frame, which is the caller's again; what has no room beside it is sent before. Returns 0
 * or an errno as task_send. */
int frames_out_add(struct frames_out *out, struct frame *frame);

/* Sends what there is. Returns as frames_out_add. */
int frames_out_send(struct frames_out *out);

#endif
