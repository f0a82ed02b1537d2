/*
 * The wire format: what is built, what is refused, and what sending and receiving make of a peer
 * that is slow, gone or hostile.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "common/frame.h"

#define SOON deadline_in_ms(50)

static unsigned char memory[FRAME_HEADER + FRAME_MAX];
static int ends[2]; /* of a socket pair, for the tests that need one */

static int open_ends(void **state)
{
    (void)state;
    return socketpair(AF_UNIX, SOCK_STREAM, 0, ends);
}

static int close_ends(void **state)
{
    (void)state;
    if (ends[0] >= 0)
        close(ends[0]);
    if (ends[1] >= 0)
        close(ends[1]);
    return 0;
}

static void close_end(int i)
{
    close(ends[i]);
    ends[i] = -1;
}

static void a_frame_is_a_length_and_nul_terminated_strings(void **state)
{
    static const unsigned char expected[] = "\0\0\0\x10"
                                            "version=1\0a=x=y";
    struct frame frame;

    (void)state;
    frame_init(&frame, memory, sizeof memory);
    assert_int_equal(frame.length, FRAME_HEADER);
    assert_int_equal(frame_add(&frame, "version", "1"), 0);
    assert_int_equal(frame_add(&frame, "a", "x=y"), 0);
    /* 10 + 6 bytes: the length counts the last NUL. */
    assert_int_equal(frame.length, FRAME_HEADER + 16);
    assert_memory_equal(memory, expected, FRAME_HEADER + 16);
    assert_string_equal(frame_get(&frame, "a"), "x=y");
    assert_string_equal(frame_get(&frame, "version"), "1");
    assert_null(frame_get(&frame, "vers"));
    assert_null(frame_get(&frame, "version=1"));
    assert_null(frame_get(&frame, ""));
}

static void only_keys_of_the_right_form_are_added_and_each_once(void **state)
{
    static const char *const bad[] = {"",    "1a",        "_a", "a b", "a=b",
                                      "a-b", "j\xc3\xbc", " a", "a\n"};
    struct frame frame;
    size_t i;

    (void)state;
    frame_init(&frame, memory, sizeof memory);
    for (i = 0; i < sizeof bad / sizeof bad[0]; i++)
        assert_int_equal(frame_add(&frame, bad[i], "x"), EINVAL);
    assert_int_equal(frame_add(&frame, "A_1z", ""), 0);
    assert_int_equal(frame_add(&frame, "A_1z", "x"), EEXIST);
    assert_int_equal(frame_add(&frame, "A_1", "x"), 0);
    assert_string_equal(frame_get(&frame, "A_1z"), "");
}

static void a_frame_that_is_full_stays_as_it_was(void **state)
{
    unsigned char small[FRAME_HEADER + 8];
    static char longest[FRAME_MAX + 1];
    struct frame frame;

    (void)state;
    frame_init(&frame, small, sizeof small);
    assert_int_equal(frame_add(&frame, "a", "12345"), 0);
    assert_int_equal(frame_add(&frame, "b", ""), ENOBUFS);
    assert_int_equal(frame.length, sizeof small);
    assert_string_equal(frame_get(&frame, "a"), "12345");

    memset(longest, 'x', FRAME_MAX);
    frame_init(&frame, memory, sizeof memory);
    assert_int_equal(frame_add(&frame, "a", longest), ENOBUFS);
    longest[FRAME_MAX - 3] = '\0';
    assert_int_equal(frame_add(&frame, "a", longest), 0);
    assert_int_equal(frame.length, FRAME_HEADER + FRAME_MAX);
}

static void numbers_are_digits_and_within_their_bounds(void **state)
{
    static const struct {
        const char *value;
        int result;
        int64_t number;
    } cases[] = {
        {"0", 0, 0},        {"-5", 0, -5},
        {"100", 0, 100},    {"007", 0, 7},
        {"101", EINVAL, 0}, {"-6", EINVAL, 0},
        {"", EINVAL, 0},    {"-", EINVAL, 0},
        {" 1", EINVAL, 0},  {"+1", EINVAL, 0},
        {"1 ", EINVAL, 0},  {"0x1", EINVAL, 0},
        {"1.0", EINVAL, 0}, {"99999999999999999999", EINVAL, 0},
    };
    struct frame frame;
    int64_t number;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        frame_init(&frame, memory, sizeof memory);
        assert_int_equal(frame_add(&frame, "n", cases[i].value), 0);
        number = 0;
        assert_int_equal(frame_get_number(&frame, "n", -5, 100, &number), cases[i].result);
        assert_int_equal(number, cases[i].number);
    }
    assert_int_equal(frame_get_number(&frame, "m", 0, 1, &number), ENOENT);
    assert_int_equal(frame_add_number(&frame, "min", INT64_MIN), 0);
    assert_int_equal(frame_get_number(&frame, "min", INT64_MIN, 0, &number), 0);
    assert_true(number == INT64_MIN);
}

static void the_strings_can_be_walked_through(void **state)
{
    struct frame frame;
    size_t cursor = 0;

    (void)state;
    frame_init(&frame, memory, sizeof memory);
    assert_null(frame_next(&frame, &cursor));
    frame_add(&frame, "a", "1");
    frame_add(&frame, "b", "");
    cursor = 0;
    assert_string_equal(frame_next(&frame, &cursor), "a=1");
    assert_string_equal(frame_next(&frame, &cursor), "b=");
    assert_null(frame_next(&frame, &cursor));
    assert_null(frame_next(&frame, &cursor));
}

static bool is_wiped(size_t length)
{
    size_t i;

    for (i = 0; i < length; i++)
        if (memory[i] != 0)
            return false;
    return true;
}

static void wiping_overwrites_all_that_the_frame_ever_held(void **state)
{
    struct frame frame;
    size_t held;

    (void)state;
    frame_init(&frame, memory, sizeof memory);
    assert_int_equal(frame_add(&frame, "token", "a long one that has to go"), 0);
    held = frame.length;
    frame_clear(&frame);
    assert_int_equal(frame.length, FRAME_HEADER);
    assert_int_equal(frame_add(&frame, "a", "b"), 0);
    frame_wipe(&frame);
    assert_int_equal(frame.length, FRAME_HEADER);
    assert_true(is_wiped(held));
}

/* Of one that was cut off, or is malformed, there is as much to overwrite. */
static void wiping_overwrites_what_was_received_of_a_frame_that_never_was_one(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
    } cases[] = {{"\0\0\1\0secret=cut off", 18}, {"\0\0\0\10secret=\1", 12}};
    struct frame frame;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(open_ends(state), 0);
        assert_int_equal(write(ends[0], cases[i].bytes, cases[i].length), cases[i].length);
        close_end(0);
        frame_init(&frame, memory, sizeof memory);
        assert_int_not_equal(frame_receive(&frame, ends[1], deadline_in_ms(1000)), 0);
        assert_memory_equal(memory + FRAME_HEADER, "secret=", 7);
        frame_wipe(&frame);
        assert_true(is_wiped(cases[i].length));
        close_ends(state);
    }
}

/* A login program has no page for what a frame has room for and does not use. */
static void wiping_leaves_alone_what_the_frame_never_held(void **state)
{
    struct frame frame;

    (void)state;
    memset(memory, 0, sizeof memory);
    frame_init(&frame, memory, sizeof memory);
    assert_int_equal(frame_add(&frame, "a", "b"), 0);
    memory[frame.length] = 'x';
    frame_wipe(&frame);
    assert_int_equal(memory[FRAME_HEADER + sizeof "a=b"], 'x');
}

/* Puts `length` bytes behind a header that announces `announced`. */
static int adopt(struct frame *frame, const char *bytes, size_t length, size_t announced)
{
    frame_init(frame, memory, sizeof memory);
    memory[0] = (unsigned char)(announced >> 24);
    memory[1] = (unsigned char)(announced >> 16);
    memory[2] = (unsigned char)(announced >> 8);
    memory[3] = (unsigned char)announced;
    memcpy(memory + FRAME_HEADER, bytes, length);
    return frame_adopt(frame, FRAME_HEADER + length);
}

static void what_is_not_well_formed_is_refused_and_leaves_an_empty_frame(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
    } cases[] = {
        {"a=1", 3},          /* no NUL at the end */
        {"a=1\0b=2", 7},     /* nor here */
        {"a\0", 2},          /* no = */
        {"=1\0", 3},         /* no key */
        {"\0", 1},           /* an empty string */
        {"a=1\0\0b=2\0", 9}, /* in the middle */
        {"1a=1\0", 5},       /* a key that is none */
        {"a b=1\0", 6},
        {"a=1\0a=2\0", 8}, /* a key twice */
        {"a=1\0b=2\0a=\0", 11},
    };
    struct frame frame;
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(adopt(&frame, cases[i].bytes, cases[i].length, cases[i].length), EBADMSG);
        assert_int_equal(frame.length, FRAME_HEADER);
        assert_null(frame_get(&frame, "a"));
    }
    assert_int_equal(adopt(&frame, "a=1\0", 4, 5), EBADMSG);
    assert_int_equal(adopt(&frame, "a=1\0", 4, 3), EBADMSG);
    assert_int_equal(adopt(&frame, "a=1\0", 4, 0xffffffff), EBADMSG);
    assert_int_equal(frame_adopt(&frame, 3), EBADMSG);
    assert_int_equal(frame_adopt(&frame, sizeof memory + 1), EBADMSG);
    assert_int_equal(adopt(&frame, "ab=1\0a=\0", 8, 8), 0);
    assert_int_equal(adopt(&frame, "", 0, 0), 0);
}

static void too_many_strings_are_refused(void **state)
{
    char strings[(FRAME_STRINGS_MAX + 1) * 8];
    struct frame frame;
    size_t length = 0;
    int i;

    (void)state;
    for (i = 0; i <= FRAME_STRINGS_MAX; i++) {
        if (i == FRAME_STRINGS_MAX)
            assert_int_equal(adopt(&frame, strings, length, length), 0);
        length += (size_t)snprintf(strings + length, sizeof strings - length, "k%d=", i) + 1;
    }
    assert_int_equal(adopt(&frame, strings, length, length), EBADMSG);
}

/* A fixed sequence of pseudo-random frames: whatever is accepted must read back safely. */
static void no_bytes_break_the_reader(void **state)
{
    static const char alphabet[] = "aAzZ09_=\0\0\n\xff";
    unsigned seed = 1, round;

    (void)state;
    for (round = 0; round < 20000; round++) {
        size_t i, cursor = 0, length = (seed >> 16) % 40;
        char bytes[40] = {0};
        const char *string;
        struct frame frame;

        for (i = 0; i < length; i++) {
            seed = seed * 1103515245U + 12345U;
            bytes[i] = alphabet[(seed >> 16) % (sizeof alphabet - 1)];
        }
        seed = seed * 1103515245U + 12345U;
        if (adopt(&frame, bytes, length, length) != 0)
            continue;
        while ((string = frame_next(&frame, &cursor)) != NULL)
            assert_non_null(strchr(string, '='));
        assert_int_equal(cursor == 0 ? FRAME_HEADER : cursor, frame.length);
    }
}

static void what_is_sent_is_received(void **state)
{
    static unsigned char other[sizeof memory];
    struct frame sent, received;

    (void)state;
    frame_init(&sent, memory, sizeof memory);
    frame_add(&sent, FRAME_KEY_VERSION, FRAME_VERSION);
    frame_init(&received, other, sizeof other);
    assert_int_equal(frame_send(&sent, ends[0], SOON), 0);
    assert_int_equal(frame_send(&sent, ends[0], SOON), 0);
    /* One at a time: not one byte of the second is taken with the first. */
    assert_int_equal(frame_receive(&received, ends[1], SOON), 0);
    assert_true(frame_version_known(&received));
    assert_int_equal(frame_receive(&received, ends[1], SOON), 0);
    assert_int_equal(frame_receive(&received, ends[1], SOON), ETIMEDOUT);
}

/* Takes away what is there. Returns how many bytes that was. */
static ssize_t take_rest(void)
{
    char rest[64];
    ssize_t n = recv(ends[1], rest, sizeof rest, MSG_DONTWAIT);

    return n < 0 ? 0 : n;
}

static void frames_that_come_together_are_received_one_after_the_other(void **state)
{
    static const char bytes[] = "\0\0\0\4a=1\0\0\0\0\5b=12\0\0\0\0\4c";
    struct frame frame;

    (void)state;
    frame_init(&frame, memory, sizeof memory);
    assert_int_equal(write(ends[0], bytes, sizeof bytes - 1), sizeof bytes - 1);
    assert_int_equal(frame_receive_ahead(&frame, ends[1], SOON), 0);
    assert_string_equal(frame_get(&frame, "a"), "1");
    /* All of it was taken with the first. */
    assert_int_equal(take_rest(), 0);
    assert_int_equal(frame_receive_ahead(&frame, ends[1], SOON), 0);
    assert_string_equal(frame_get(&frame, "b"), "12");
    assert_null(frame_get(&frame, "a"));
    assert_int_equal(write(ends[0], "=3\0", 3), 3);
    assert_int_equal(frame_receive_ahead(&frame, ends[1], SOON), 0);
    assert_string_equal(frame_get(&frame, "c"), "3");
    assert_int_equal(frame_receive_ahead(&frame, ends[1], SOON), ETIMEDOUT);
    frame_wipe(&frame);
    assert_true(is_wiped(sizeof bytes));
}

static void what_came_ahead_is_no_part_of_a_frame_that_is_built(void **state)
{
    struct frame frame;

    (void)state;
    frame_init(&frame, memory, sizeof memory);
    assert_int_equal(write(ends[0], "\0\0\0\4a=1\0\0\0\0\4b=2\0", 16), 16);
    assert_int_equal(frame_receive_ahead(&frame, ends[1], SOON), 0);
    assert_int_equal(frame_add(&frame, "c", "3"), 0);
    assert_int_equal(frame_receive_ahead(&frame, ends[1], SOON), ETIMEDOUT);
}

static void versions_that_are_not_ours_are_not_known(void **state)
{
    static const char *const versions[] = {"", "0", "2", "11", "1 ", "one"};
    struct frame frame;
    size_t i;

    (void)state;
    frame_init(&frame, memory, sizeof memory);
    assert_false(frame_version_known(&frame));
    for (i = 0; i < sizeof versions / sizeof versions[0]; i++) {
        frame_init(&frame, memory, sizeof memory);
        frame_add(&frame, FRAME_KEY_VERSION, versions[i]);
        assert_false(frame_version_known(&frame));
    }
}

static void each_way_of_not_receiving_is_told_apart(void **state)
{
    static const struct {
        const char *bytes;
        size_t length;
        int closed; /* whether the peer then closes */
        int result;
    } cases[] = {
        {"", 0, 0, ETIMEDOUT},
        {"", 0, 1, ENODATA},
        {"\0\0", 2, 0, ETIMEDOUT},
        {"\0\0", 2, 1, EPIPE},
        {"\0\0\0\4", 4, 1, EPIPE},
        {"\0\0\0\4a=", 6, 0, ETIMEDOUT},
        {"\0\0\0\4a=", 6, 1, EPIPE},
        {"\0\1\0\1", 4, 0, EBADMSG},
        {"\xff\xff\xff\xff", 4, 0, EBADMSG},
        {"\0\0\0\3a=1", 7, 0, EBADMSG},
        {"\0\0\0\4a=1\0", 8, 1, 0},
        {"\0\0\0\0", 4, 1, 0},
    };
    int (*const receivers[])(struct frame *, int, struct deadline) = {frame_receive,
                                                                      frame_receive_ahead};
    struct frame frame;
    size_t i;

    (void)state;
    close_ends(NULL);
    for (i = 0; i < 2 * sizeof cases / sizeof cases[0]; i++) {
        assert_int_equal(open_ends(NULL), 0);
        assert_int_equal(write(ends[0], cases[i / 2].bytes, cases[i / 2].length),
                         cases[i / 2].length);
        if (cases[i / 2].closed)
            close_end(0);
        frame_init(&frame, memory, sizeof memory);
        assert_int_equal(receivers[i % 2](&frame, ends[1], SOON), cases[i / 2].result);
        if (cases[i / 2].result != 0)
            assert_int_equal(frame.length, FRAME_HEADER);
        close_ends(NULL);
    }
    assert_int_equal(open_ends(NULL), 0);
}

static void a_frame_over_the_receivers_memory_is_refused(void **state)
{
    unsigned char small[FRAME_HEADER + 4];
    struct frame frame;

    (void)state;
    frame_init(&frame, small, sizeof small);
    assert_int_equal(write(ends[0], "\0\0\0\5a=12\0", 9), 9);
    assert_int_equal(frame_receive(&frame, ends[1], SOON), EBADMSG);
    take_rest();
    assert_int_equal(write(ends[0], "\0\0\0\5a=12\0", 9), 9);
    assert_int_equal(frame_receive_ahead(&frame, ends[1], SOON), EBADMSG);
}

static void sending_to_a_peer_that_has_gone_is_an_error_not_a_signal(void **state)
{
    struct frame frame;

    (void)state;
    frame_init(&frame, memory, sizeof memory);
    frame_add(&frame, "a", "1");
    close_end(1);
    assert_int_equal(frame_send(&frame, ends[0], SOON), EPIPE);
}

static void sending_to_a_peer_that_does_not_read_ends_in_time(void **state)
{
    static char longest[FRAME_MAX - 2];
    struct frame frame;
    int i, result = 0;

    (void)state;
    memset(longest, 'x', sizeof longest - 1);
    frame_init(&frame, memory, sizeof memory);
    frame_add(&frame, "a", longest);
    for (i = 0; i < 1000 && result == 0; i++)
        result = frame_send(&frame, ends[0], SOON);
    assert_int_equal(result, ETIMEDOUT);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_frame_is_a_length_and_nul_terminated_strings),
        cmocka_unit_test(only_keys_of_the_right_form_are_added_and_each_once),
        cmocka_unit_test(a_frame_that_is_full_stays_as_it_was),
        cmocka_unit_test(numbers_are_digits_and_within_their_bounds),
        cmocka_unit_test(the_strings_can_be_walked_through),
        cmocka_unit_test(wiping_overwrites_all_that_the_frame_ever_held),
        cmocka_unit_test(wiping_overwrites_what_was_received_of_a_frame_that_never_was_one),
        cmocka_unit_test(wiping_leaves_alone_what_the_frame_never_held),
        cmocka_unit_test(what_is_not_well_formed_is_refused_and_leaves_an_empty_frame),
        cmocka_unit_test(too_many_strings_are_refused),
        cmocka_unit_test(no_bytes_break_the_reader),
        cmocka_unit_test(versions_that_are_not_ours_are_not_known),
        cmocka_unit_test_setup_teardown(what_is_sent_is_received, open_ends, close_ends),
        cmocka_unit_test_setup_teardown(frames_that_come_together_are_received_one_after_the_other,
                                        open_ends, close_ends),
        cmocka_unit_test_setup_teardown(what_came_ahead_is_no_part_of_a_frame_that_is_built,
                                        open_ends, close_ends),
        cmocka_unit_test_setup_teardown(each_way_of_not_receiving_is_told_apart, open_ends,
                                        close_ends),
        cmocka_unit_test_setup_teardown(a_frame_over_the_receivers_memory_is_refused, open_ends,
                                        close_ends),
        cmocka_unit_test_setup_teardown(sending_to_a_peer_that_has_gone_is_an_error_not_a_signal,
                                        open_ends, close_ends),
        cmocka_unit_test_setup_teardown(sending_to_a_peer_that_does_not_read_ends_in_time,
                                        open_ends, close_ends),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
