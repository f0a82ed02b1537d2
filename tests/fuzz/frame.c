/*
 * One frame as it comes from the other end: common/frame.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/frame.h"
#include "tests/fuzz/fuzz.h"

#define CAPACITY (FRAME_HEADER + FRAME_MAX)

/* A well-formed frame can be written again, string by string, and is the same. */
static void write_again(const struct frame *frame)
{
    unsigned char *memory = malloc(frame->length);
    struct frame again;
    const char *string;
    size_t cursor = 0;
    int64_t number;

    fuzz_need(memory != NULL, "malloc");
    frame_init(&again, memory, frame->length);
    while ((string = frame_next(frame, &cursor)) != NULL) {
        const char *equals = strchr(string, '=');
        char *key = strndup(string, (size_t)(equals - string));

        fuzz_need(key != NULL, "strndup");
        PROMISE(frame_get(frame, key) == equals + 1);
        PROMISE(frame_add(&again, key, equals + 1) == 0);
        PROMISE(frame_add(&again, key, "") == EEXIST);
        if (frame_get_number(frame, key, -5, 4711, &number) == 0)
            PROMISE(number >= -5 && number <= 4711);
        free(key);
    }
    PROMISE(again.length == frame->length);
    PROMISE(memcmp(again.memory, frame->memory, frame->length) == 0);
    free(memory);
}

/* Receives it from a socket, where more stands behind it: not a byte of that may be read. */
static void receive(const uint8_t *bytes, size_t length, const struct frame *expected)
{
    static unsigned char memory[CAPACITY];
    static const char more[] = "next";
    char rest[sizeof more];
    struct frame frame;
    int ends[2], error;

    fuzz_need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
    fuzz_need(send(ends[0], bytes, length, 0) == (ssize_t)length, "send");
    if (expected != NULL)
        fuzz_need(send(ends[0], more, sizeof more, 0) == (ssize_t)sizeof more, "send");
    shutdown(ends[0], SHUT_WR);
    frame_init(&frame, memory, sizeof memory);
    error = frame_receive(&frame, ends[1], deadline_in_ms(1000));
    if (expected == NULL) {
        PROMISE(error != ETIMEDOUT);
    } else {
        PROMISE(error == 0 && frame.length == expected->length);
        PROMISE(memcmp(frame.memory, expected->memory, frame.length) == 0);
        PROMISE(recv(ends[1], rest, sizeof rest, MSG_DONTWAIT) == (ssize_t)sizeof rest);
    }
    close(ends[0]);
    close(ends[1]);
}

/* Receives it twice as one reads ahead: the second begins where the first ends, if that is one. */
static void receive_ahead(const uint8_t *bytes, size_t length, const struct frame *expected)
{
    static unsigned char memory[CAPACITY];
    struct frame frame;
    int ends[2], i;

    fuzz_need(socketpair(AF_UNIX, SOCK_STREAM, 0, ends) == 0, "socketpair");
    for (i = 0; i < 2; i++)
        fuzz_need(send(ends[0], bytes, length, 0) == (ssize_t)length, "send");
    shutdown(ends[0], SHUT_WR);
    frame_init(&frame, memory, sizeof memory);
    for (i = 0; i < 2; i++) {
        int error = frame_receive_ahead(&frame, ends[1], deadline_in_ms(1000));

        PROMISE(error != ETIMEDOUT);
        if (expected == NULL)
            break;
        PROMISE(error == 0 && frame.length == expected->length);
        PROMISE(memcmp(frame.memory, expected->memory, frame.length) == 0);
    }
    close(ends[0]);
    close(ends[1]);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    /* Not a byte more than a frame of this length has. */
    unsigned char *memory = malloc(length > FRAME_HEADER ? length : FRAME_HEADER + 1);
    struct frame frame;
    bool taken = false;

    fuzz_need(memory != NULL, "malloc");
    frame_init(&frame, memory, length > FRAME_HEADER ? length : FRAME_HEADER + 1);
    if (length >= FRAME_HEADER && length <= CAPACITY) {
        memcpy(memory, bytes, length);
        taken = frame_adopt(&frame, length) == 0;
        PROMISE(!taken || frame_announced(memory) == length - FRAME_HEADER);
    }
    if (taken) {
        write_again(&frame);
        frame_version_known(&frame);
        fuzz_accept();
    }
    if (length > 0 && length <= CAPACITY)
        receive(bytes, length, taken ? &frame : NULL);
    if (length > 0 && length <= CAPACITY / 2)
        receive_ahead(bytes, length, taken ? &frame : NULL);
    frame_wipe(&frame);
    PROMISE(frame_get(&frame, FRAME_KEY_VERSION) == NULL);
    free(memory);
    return 0;
}
