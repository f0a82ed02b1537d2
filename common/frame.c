/*
 * The wire format: building, checking, sending and receiving frames.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "common/frame.h"

#include <errno.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* The length of the key at the start of `text`, or 0 when none stands there. */
static size_t key_length(const char *text)
{
    size_t n = 0;

    if (!is_letter(text[0]))
        return 0;
    while (is_letter(text[n]) || (text[n] >= '0' && text[n] <= '9') || text[n] == '_')
        n++;
    return n;
}

static void write_header(struct frame *frame)
{
    size_t length = frame->length - FRAME_HEADER;

    frame->memory[0] = (unsigned char)(length >> 24);
    frame->memory[1] = (unsigned char)(length >> 16);
    frame->memory[2] = (unsigned char)(length >> 8);
    frame->memory[3] = (unsigned char)length;
}

size_t frame_announced(const unsigned char header[FRAME_HEADER])
{
    return (size_t)header[0] << 24 | (size_t)header[1] << 16 | (size_t)header[2] << 8 | header[3];
}

void frame_init(struct frame *frame, void *memory, size_t capacity)
{
    frame->memory = memory;
    frame->capacity = capacity < FRAME_HEADER + FRAME_MAX ? capacity : FRAME_HEADER + FRAME_MAX;
    frame->touched = FRAME_HEADER;
    frame_clear(frame);
}

void frame_clear(struct frame *frame)
{
    frame->length = FRAME_HEADER;
    frame->behind = 0;
    write_header(frame);
}

void frame_wipe(struct frame *frame)
{
    explicit_bzero(frame->memory, frame->touched);
    frame->length = FRAME_HEADER;
    frame->behind = 0;
}

/* Notes that the first `length` bytes of the memory may have been written to. */
static void touch(struct frame *frame, size_t length)
{
    if (frame->touched < length)
        frame->touched = length;
}

int frame_add(struct frame *frame, const char *key, const char *value)
{
    size_t key_size = strlen(key), value_size = strlen(value);
    char *end = (char *)frame->memory + frame->length;

    if (key_size == 0 || key_length(key) != key_size)
        return EINVAL;
    if (frame_get(frame, key) != NULL)
        return EEXIST;
    if (value_size > FRAME_MAX || key_size > FRAME_MAX ||
        frame->capacity - frame->length < key_size + value_size + 2)
        return ENOBUFS;
    memcpy(end, key, key_size);
    end[key_size] = '=';
    memcpy(end + key_size + 1, value, value_size + 1);
    frame->length += key_size + value_size + 2;
    frame->behind = 0;
    touch(frame, frame->length);
    write_header(frame);
    return 0;
}

int frame_add_number(struct frame *frame, const char *key, int64_t number)
{
    char text[24];

    snprintf(text, sizeof text, "%lld", (long long)number);
    return frame_add(frame, key, text);
}

const char *frame_next(const struct frame *frame, size_t *cursor)
{
    const char *string;

    if (*cursor < FRAME_HEADER)
        *cursor = FRAME_HEADER;
    if (*cursor >= frame->length)
        return NULL;
    string = (const char *)frame->memory + *cursor;
    *cursor += strlen(string) + 1;
    return string;
}

const char *frame_get(const struct frame *frame, const char *key)
{
    size_t cursor = 0, length = strlen(key);
    const char *string;

    while ((string = frame_next(frame, &cursor)) != NULL)
        if (strncmp(string, key, length) == 0 && string[length] == '=')
            return string + length + 1;
    return NULL;
}

int frame_get_number(const struct frame *frame, const char *key, int64_t lowest, int64_t highest,
                     int64_t *number)
{
    const char *text = frame_get(frame, key);
    long long parsed;
    char *end;

    if (text == NULL)
        return ENOENT;
    /* strtoll would also take leading space and a plus sign. */
    if (*text != '-' && (*text < '0' || *text > '9'))
        return EINVAL;
    errno = 0;
    parsed = strtoll(text, &end, 10);
    if (errno != 0 || *end != '\0' || end == text || parsed < lowest || parsed > highest)
        return EINVAL;
    *number = parsed;
    return 0;
}

/* Whether `key` of `length` bytes stands in front of a value before the string at `until`. */
static int key_occurs_before(const struct frame *frame, const char *key, size_t length,
                             const char *until)
{
    size_t cursor = 0;
    const char *string;

    while ((string = frame_next(frame, &cursor)) != NULL && string != until)
        if (strncmp(string, key, length + 1) == 0)
            return 1;
    return 0;
}

int frame_adopt(struct frame *frame, size_t length)
{
    size_t cursor = 0;
    const char *string;
    int strings = 0;

    if (length < FRAME_HEADER || length > frame->capacity ||
        frame_announced(frame->memory) != length - FRAME_HEADER)
        goto malformed;
    touch(frame, length);
    frame->length = length;
    if (length > FRAME_HEADER && frame->memory[length - 1] != '\0')
        goto malformed;
    while ((string = frame_next(frame, &cursor)) != NULL) {
        size_t key = key_length(string);

        if (++strings > FRAME_STRINGS_MAX || key == 0 || string[key] != '=' ||
            key_occurs_before(frame, string, key, string))
            goto malformed;
    }
    return 0;

malformed:
    frame->length = FRAME_HEADER;
    return EBADMSG;
}

int frame_send_by(struct frame *frame, int fd, struct deadline deadline, frame_wait *wait)
{
    size_t sent = 0;

    while (sent < frame->length) {
        ssize_t n =
            send(fd, frame->memory + sent, frame->length - sent, MSG_NOSIGNAL | MSG_DONTWAIT);

        if (n >= 0) {
            sent += (size_t)n;
        } else if (errno == EAGAIN) {
            int error = wait(deadline, fd, POLLOUT);

            if (error != 0)
                return error;
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

/* Receives `size` bytes. Returns 0, ENODATA at an end before the first of them, or as
 * frame_receive. */
static int receive_bytes(int fd, unsigned char *bytes, size_t size, struct deadline deadline,
                         frame_wait *wait)
{
    size_t received = 0;

    while (received < size) {
        ssize_t n = recv(fd, bytes + received, size - received, MSG_DONTWAIT);

        if (n > 0) {
            received += (size_t)n;
        } else if (n == 0) {
            return received == 0 ? ENODATA : EPIPE;
        } else if (errno == EAGAIN) {
            int error = wait(deadline, fd, POLLIN);

            if (error != 0)
                return error;
        } else if (errno != EINTR) {
            return errno;
        }
    }
    return 0;
}

int frame_receive_by(struct frame *frame, int fd, struct deadline deadline, frame_wait *wait)
{
    size_t length;
    int error;

    frame->length = FRAME_HEADER;
    frame->behind = 0;
    error = receive_bytes(fd, frame->memory, FRAME_HEADER, deadline, wait);
    if (error != 0)
        return error;
    length = frame_announced(frame->memory);
    if (length > frame->capacity - FRAME_HEADER)
        return EBADMSG;
    /* Before they come: of those that never do, nobody knows how many did. */
    touch(frame, FRAME_HEADER + length);
    error = receive_bytes(fd, frame->memory + FRAME_HEADER, length, deadline, wait);
    if (error != 0)
        return error == ENODATA ? EPIPE : error;
    return frame_adopt(frame, FRAME_HEADER + length);
}

/* Whether `have` bytes at the frame's memory are a frame, of *length bytes, that has come whole. */
static bool is_whole(const struct frame *frame, size_t have, size_t *length)
{
    *length = have < FRAME_HEADER ? FRAME_HEADER : FRAME_HEADER + frame_announced(frame->memory);
    return have >= *length;
}

int frame_receive_ahead_by(struct frame *frame, int fd, struct deadline deadline, frame_wait *wait)
{
    size_t have = frame->behind, length;
    int error = 0;

    memmove(frame->memory, frame->memory + frame->length, have);
    frame->length = FRAME_HEADER;
    frame->behind = 0;
    while (error == 0 && !is_whole(frame, have, &length)) {
        ssize_t n;

        if (length > frame->capacity)
            return EBADMSG;
        n = recv(fd, frame->memory + have, frame->capacity - have, MSG_DONTWAIT);
        if (n == 0)
            return have == 0 ? ENODATA : EPIPE;
        if (n > 0)
            touch(frame, have += (size_t)n);
        else if (errno == EAGAIN)
            error = wait(deadline, fd, POLLIN);
        else if (errno != EINTR)
            error = errno;
    }
    if (error == 0)
        error = frame_adopt(frame, length);
    if (error == 0)
        frame->behind = have - length;
    return error;
}

int frame_receive_ahead(struct frame *frame, int fd, struct deadline deadline)
{
    /* To look whether it is there already would be a call more. */
    int error = frame->behind == 0 ? deadline_wait(deadline, fd, POLLIN) : 0;

    return error == 0 ? frame_receive_ahead_by(frame, fd, deadline, deadline_wait) : error;
}

int frame_send(struct frame *frame, int fd, struct deadline deadline)
{
    return frame_send_by(frame, fd, deadline, deadline_wait);
}

int frame_receive(struct frame *frame, int fd, struct deadline deadline)
{
    return frame_receive_by(frame, fd, deadline, deadline_wait);
}

int frame_version_known(const struct frame *frame)
{
    const char *version = frame_get(frame, FRAME_KEY_VERSION);

    return version != NULL && strcmp(version, FRAME_VERSION) == 0;
}
