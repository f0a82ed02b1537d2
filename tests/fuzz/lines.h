/*
 * Frames out of lines, so that seeds can be read: each line is a string of the frame.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_FUZZ_LINES_H
#define XACCT_TESTS_FUZZ_LINES_H

#include <string.h>
#include <sys/socket.h>

#include "common/frame.h"
#include "tests/fuzz/fuzz.h"

#define LINES_MOST (FRAME_HEADER + FRAME_MAX)

/*
 * Makes a frame of the input in `memory` of LINES_MOST bytes. Returns whether it is well formed;
 * else it is empty.
 */
static inline bool frame_of_lines(struct frame *frame, void *memory, struct fuzz_input input)
{
    unsigned char *strings = (unsigned char *)memory + FRAME_HEADER;
    size_t i, length = input.length;

    frame_init(frame, memory, LINES_MOST);
    if (length > 0 && input.bytes[length - 1] == '\n')
        length--;
    if (length == 0 || length >= FRAME_MAX)
        return false;
    for (i = 0; i < length; i++)
        strings[i] = input.bytes[i] == '\n' ? '\0' : input.bytes[i];
    strings[length++] = '\0';
    for (i = 0; i < FRAME_HEADER; i++)
        ((unsigned char *)memory)[i] = (unsigned char)(length >> (8 * (FRAME_HEADER - 1 - i)));
    return frame_adopt(frame, FRAME_HEADER + length) == 0;
}

/*
 * Sends the frames of an input that has an empty line between each two of them, `most` of them at
 * most, up to the first that is not well formed or for which the socket has no room: what is not
 * read must not block us. Nothing comes after them.
 */
static inline void send_frames(int fd, struct fuzz_input input, size_t most)
{
    static unsigned char memory[LINES_MOST];
    struct frame frame;

    for (; most > 0 && input.length > 0; most--)
        if (!frame_of_lines(&frame, memory, fuzz_take(&input, "\n\n")) ||
            send(fd, frame.memory, frame.length, MSG_DONTWAIT) != (ssize_t)frame.length)
            break;
    shutdown(fd, SHUT_WR);
}

#endif
