/*
 * Frames behind each other.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/frames_out.h"

#include <string.h>

#include "helper/task.h"

void frames_out_begin(struct frames_out *out, int fd, struct deadline deadline)
{
    out->fd = fd;
    out->deadline = deadline;
    out->length = 0;
}

int frames_out_send(struct frames_out *out)
{
    /* To send them takes no more than their bytes, as for one. */
    struct frame all = {.memory = out->bytes, .length = out->length};

    out->length = 0;
    return all.length > 0 ? task_send(&all, out->fd, out->deadline) : 0;
}

int frames_out_add(struct frames_out *out, struct frame *frame)
{
    int error = 0;

    if (frame->length > sizeof out->bytes - out->length)
        error = frames_out_send(out);
    if (error != 0 || frame->length > sizeof out->bytes)
        return error != 0 ? error : task_send(frame, out->fd, out->deadline);
    memcpy(out->bytes + out->length, frame->memory, frame->length);
    out->length += frame->length;
    return 0;
}
