/*
 * The wire format between the login side and the helper: one frame each way, a 32-bit big-endian
 * length of what follows, then NUL-terminated KEY=VALUE strings as in an environment block.
 *
 * Keys in lower case belong to the protocol (`version`, `op`, `status`, ...). A key in upper case
 * is an environment variable for the session. Both ends treat a received frame as hostile: it is
 * refused unless it is at most FRAME_MAX bytes and FRAME_STRINGS_MAX strings, ends in NUL, every
 * string is KEY=VALUE with a key of [A-Za-z][A-Za-z0-9_]*, and no key occurs twice.
 *
 * A frame works on memory that the caller gives, so that the helper can keep replies in locked
 * memory and the module needs none of that.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_COMMON_FRAME_H
#define XACCT_COMMON_FRAME_H

#include <stddef.h>
#include <stdint.h>

#include "common/deadline.h"

#define FRAME_MAX         ((size_t)64 * 1024) /* bytes after the length */
#define FRAME_HEADER      ((size_t)4)         /* bytes of the length itself */
#define FRAME_STRINGS_MAX 256                 /* keeps the search for repeated keys short */
#define FRAME_VERSION     "1"                 /* what this tree speaks: see frame_version_known */
#define FRAME_KEY_VERSION "version"

struct frame {
    unsigned char *memory; /* the caller's: header, then strings */
    size_t capacity;       /* bytes at `memory` */
    size_t length;         /* bytes in use, header included */
    size_t touched;        /* bytes that have been in use since frame_init, or may have been */
    size_t behind;         /* bytes behind them that came ahead of their frame */
};

/*
 * Starts an empty frame in `memory` of `capacity` bytes (FRAME_HEADER + 1 at least; more than
 * FRAME_HEADER + FRAME_MAX is never used). The memory stays the caller's and must outlive the
 * frame.
 */
void frame_init(struct frame *frame, void *memory, size_t capacity);

/* Empties the frame for another one in the same memory, which a wipe still knows of as touched. */
void frame_clear(struct frame *frame);

/*
 * Overwrites everything that was in the frame's memory since frame_init, as it may hold
 * credentials; the frame is empty. The rest of the memory is not touched, so that a process has no
 * page for it.
 */
void frame_wipe(struct frame *frame);

/*
 * Appends KEY=VALUE. Returns 0; ENOBUFS when it does not fit; EINVAL when the key is not of the
 * form above; EEXIST when the key is there already. On failure the frame is as before.
 */
int frame_add(struct frame *frame, const char *key, const char *value);

/* As frame_add, the value being a decimal number. */
int frame_add_number(struct frame *frame, const char *key, int64_t number);

/* The value of `key`, inside the frame's memory, or NULL when it is not there. */
const char *frame_get(const struct frame *frame, const char *key);

/*
 * The value of `key` as a decimal number. Returns 0 and sets *number; ENOENT when the key is not
 * there; EINVAL when the value is not a number from `lowest` to `highest`, digits and at most a
 * leading minus alone.
 */
int frame_get_number(const struct frame *frame, const char *key, int64_t lowest, int64_t highest,
                     int64_t *number);

/*
 * Walks through the strings: start with *cursor = 0. Returns the next KEY=VALUE string, inside the
 * frame's memory, or NULL at the end.
 */
const char *frame_next(const struct frame *frame, size_t *cursor);

/* The length in a header: so many bytes follow, if the header says the truth. */
size_t frame_announced(const unsigned char header[FRAME_HEADER]);

/*
 * Takes `length` bytes at the frame's memory, the header included, as a frame that was received.
 * Returns 0, or EBADMSG when they are not one well-formed frame (the frame is then empty).
 */
int frame_adopt(struct frame *frame, size_t length);

/*
 * Sends the frame on a stream socket, without SIGPIPE. Returns 0, ETIMEDOUT, or an errno
 * (EPIPE, ECONNRESET when the peer has gone). Works on blocking and non-blocking sockets.
 */
int frame_send(struct frame *frame, int fd, struct deadline deadline);

/*
 * Receives one frame into the frame's memory, reading not one byte past it. Returns 0; ETIMEDOUT;
 * EBADMSG for a malformed frame or one over FRAME_MAX or the capacity; ENODATA when the peer
 * closed before the first byte; EPIPE when it closed in the middle; or an errno.
 */
int frame_receive(struct frame *frame, int fd, struct deadline deadline);

/*
 * As frame_receive, for what was asked for and is still to come, with fewer calls: it takes what
 * there is, and what belongs to the next frame stays in the memory until this is called for that
 * one, with nothing else done to the frame in between; else it is lost.
 */
int frame_receive_ahead(struct frame *frame, int fd, struct deadline deadline);

/*
 * The same for a caller that waits in a way of its own: `wait` is called as deadline_wait.
 */
typedef int frame_wait(struct deadline deadline, int fd, short events);
int frame_send_by(struct frame *frame, int fd, struct deadline deadline, frame_wait *wait);
int frame_receive_by(struct frame *frame, int fd, struct deadline deadline, frame_wait *wait);
int frame_receive_ahead_by(struct frame *frame, int fd, struct deadline deadline, frame_wait *wait);

/*
 * Whether this tree speaks the version that a frame carries: its own and, once there has been one,
 * the version before. Returns 1 or 0; 0 too when the frame carries none.
 */
int frame_version_known(const struct frame *frame);

#endif
