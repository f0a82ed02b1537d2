/*
 * Any bytes as JSON that the command prints: xacct/json_text.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/json_text.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "tests/fuzz/fuzz.h"

/* Takes one character of a JSON string, escaped or not, as RFC 8259 has them. */
static const char *take_character(const char *at, unsigned *byte)
{
    static const char letters[] = "\"\\/bfnrt", meant[] = "\"\\/\b\f\n\r\t";

    *byte = (unsigned char)*at++;
    if (*byte != '\\')
        return at;
    if (*at == 'u') {
        PROMISE(strspn(at + 1, "0123456789abcdefABCDEF") >= 4);
        PROMISE(sscanf(at + 1, "%4x", byte) == 1);
        return at + 5;
    }
    PROMISE(*at != '\0' && strchr(letters, *at) != NULL);
    *byte = (unsigned char)meant[strchr(letters, *at) - letters];
    return at + 1;
}

/* Takes what stands for the next of `text`: a byte of it as it is, or an escaped character. */
static void check_character(const char **text, unsigned taken)
{
    const char form[] = {(char)(0xc0 | taken >> 6), (char)(0x80 | (taken & 0x3f)), '\0'};
    const char longer[] = {(char)(0xe0 | taken >> 12), (char)(0x80 | (taken >> 6 & 0x3f)),
                           (char)(0x80 | (taken & 0x3f)), '\0'};
    size_t length = 1;

    if ((unsigned char)**text != taken) {
        const char *whole = taken < 0x800 ? form : longer;

        length = strlen(whole);
        PROMISE(taken >= 0x80 && strncmp(*text, whole, length) == 0);
    }
    *text += length;
}

/* Whether a character stands there that moves a cursor or turns text round. */
static bool is_harmful(const char *at)
{
    static const char *const turning[] = {
        "\u061c", "\u200e", "\u200f", "\u202a", "\u202b", "\u202c",
        "\u202d", "\u202e", "\u2066", "\u2067", "\u2068", "\u2069",
    };
    size_t i;

    for (i = 0; i < sizeof turning / sizeof *turning; i++)
        if (strncmp(at, turning[i], strlen(turning[i])) == 0)
            return true;
    return (unsigned char)at[0] < ' ' || at[0] == 0x7f ||
           ((unsigned char)at[0] == 0xc2 && (unsigned char)at[1] < 0xa0);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = fuzz_text(bytes, length);
    unsigned byte;
    struct text printed = TEXT_EMPTY;
    const char *at, *expected = text, *last;

    json_string(&printed, text);
    fuzz_need(!printed.failed, "json_string");
    PROMISE(printed.length >= 2 && utf8_is_valid(printed.bytes));
    last = printed.bytes + printed.length - 1;
    PROMISE(printed.bytes[0] == '"' && *last == '"');
    for (at = printed.bytes + 1; at < last;) {
        PROMISE(!is_harmful(at) && *at != '"');
        at = take_character(at, &byte);
        if (utf8_is_valid(text))
            check_character(&expected, byte);
    }
    PROMISE(at == last && (!utf8_is_valid(text) || *expected == '\0'));
    if (utf8_is_valid(text))
        fuzz_accept();
    text_free(&printed);
    free(text);
    return 0;
}
