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

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    return 0;
}

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
        /* Only what is not ASCII's and is no text stands as another. */
        PROMISE(*byte < 0x80 || *byte == 0xfffd);
        return at + 5;
    }
    PROMISE(*at != '\0' && strchr(letters, *at) != NULL);
    *byte = (unsigned char)meant[strchr(letters, *at) - letters];
    return at + 1;
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
        PROMISE((unsigned char)*at >= ' ' && *at != '"');
        at = take_character(at, &byte);
        PROMISE(!utf8_is_valid(text) || byte == (unsigned char)*expected++);
    }
    PROMISE(at == last && (!utf8_is_valid(text) || *expected == '\0'));
    if (utf8_is_valid(text))
        fuzz_accept();
    text_free(&printed);
    free(text);
    return 0;
}
