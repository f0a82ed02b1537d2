/*
 * Untrusted text on its way to a log or a person.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "common/escape.h"

static void each_byte_has_its_form(void **state)
{
    static const struct {
        const char *text, *escaped;
    } cases[] = {
        {"", ""},
        {"plain text, as it is ~!", "plain text, as it is ~!"},
        {"a\nb\rc\td", "a\\x0ab\\x0dc\\x09d"},
        {"\033[31mred\033[0m", "\\x1b[31mred\\x1b[0m"},
        {"back\\slash", "back\\\\slash"},
        {"\\x0a", "\\\\x0a"},
        {"del\x7f", "del\\x7f"},
        {"j\xc3\xbcrgen", "j\\xc3\\xbcrgen"},
        {"\x80\xff", "\\x80\\xff"},
        {NULL, "(none)"},
    };
    char out[256];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        assert_ptr_equal(escape(out, sizeof out, cases[i].text), out);
        assert_string_equal(out, cases[i].escaped);
    }
}

static void bytes_may_hold_nul(void **state)
{
    char out[64];

    (void)state;
    assert_string_equal(escape_bytes(out, sizeof out, "a\0b", 3), "a\\x00b");
    assert_string_equal(escape_bytes(out, sizeof out, "", 0), "");
}

static void what_does_not_fit_is_cut_between_characters(void **state)
{
    static const struct {
        const char *text;
        size_t size;
        const char *escaped;
    } cases[] = {
        {"abcdefgh", 9, "abcdefgh"},
        {"abcdefgh", 8, "abcd..."},
        {"ab\ncdef", 8, "ab..."},
        {"ab\nc", 8, "ab\\x0ac"},
        {"abcd", 4, "..."},
        {"abcd", 3, ""},
        {"abcd", 1, ""},
        {"", 1, ""},
    };
    char out[16];
    size_t i;

    (void)state;
    for (i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        memset(out, '#', sizeof out);
        escape(out, cases[i].size, cases[i].text);
        assert_string_equal(out, cases[i].escaped);
        assert_int_equal(out[cases[i].size], '#');
    }
    escape(out, 0, "nothing is written");
    assert_int_equal(out[15], '#');
}

/* Every byte value at every size: never over the end, always a string, never a raw control. */
static void no_text_and_no_size_break_it(void **state)
{
    unsigned char text[256];
    size_t size, i;

    (void)state;
    for (i = 0; i < sizeof text; i++)
        text[i] = (unsigned char)i;
    for (size = 1; size < 1100; size++) {
        char *out = malloc(size);

        assert_non_null(out);
        escape_bytes(out, size, text, sizeof text);
        assert_true(strlen(out) < size);
        for (i = 0; out[i] != '\0'; i++)
            assert_true(out[i] >= 0x20 && out[i] < 0x7f);
        free(out);
    }
}

static void a_sentence_is_not_escaped_twice_and_still_breaks_no_line(void **state)
{
    char piece[64], sentence[128], out[128];

    (void)state;
    snprintf(sentence, sizeof sentence, "user %s is unknown",
             escape(piece, sizeof piece, "CORP\\al\x1bice"));
    assert_string_equal(escape_sentence(out, sizeof out, sentence),
                        "user CORP\\\\al\\x1bice is unknown");
    assert_string_equal(escape_sentence(out, sizeof out, "a\nforged line\r\x9b"),
                        "a\\x0aforged line\\x0d\\x9b");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_byte_has_its_form),
        cmocka_unit_test(bytes_may_hold_nul),
        cmocka_unit_test(what_does_not_fit_is_cut_between_characters),
        cmocka_unit_test(no_text_and_no_size_break_it),
        cmocka_unit_test(a_sentence_is_not_escaped_twice_and_still_breaks_no_line),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
