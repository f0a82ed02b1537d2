/*
 * Untrusted text on its way to a log: common/escape.h.
 *
 * The first byte says how much room there is, in sixteens; the rest is the text.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"
#include "tests/fuzz/fuzz.h"

static int digit(char byte)
{
    return byte <= '9' ? byte - '0' : byte - 'a' + 10;
}

/* Reads what escape_bytes wrote: how many bytes of the original it holds, which it must be like. */
static size_t unescape(const char *shown, size_t length, const uint8_t *original)
{
    size_t count = 0, i = 0;

    while (i < length) {
        unsigned byte = (unsigned char)shown[i++];

        if (byte == '\\') {
            PROMISE(i < length && (shown[i] == '\\' || shown[i] == 'x'));
            if (shown[i++] == 'x') {
                PROMISE(i + 2 <= length && isxdigit((unsigned char)shown[i]) &&
                        isxdigit((unsigned char)shown[i + 1]));
                byte = (unsigned)(digit(shown[i]) * 16 + digit(shown[i + 1]));
                i += 2;
            }
        }
        PROMISE(byte == original[count]);
        count++;
    }
    return count;
}

static void look_at_bytes(const uint8_t *bytes, size_t length, size_t room)
{
    char *out = malloc(room);
    size_t shown;

    fuzz_need(out != NULL, "malloc");
    PROMISE(escape_bytes(out, room, bytes, length) == out);
    shown = strnlen(out, room);
    PROMISE(shown < room);
    PROMISE(fuzz_is_printable(out));
    /* What was cut says so; three points at its end may be the original's own as well. */
    if (shown < 3 || strcmp(out + shown - 3, "...") != 0)
        PROMISE(unescape(out, shown, bytes) == length || room < 4);
    else
        unescape(out, shown - 3, bytes);
    free(out);
}

static void look_at_text(const uint8_t *bytes, size_t length, size_t room)
{
    char *text = fuzz_text(bytes, length), *out = malloc(room);
    char whole[64];

    fuzz_need(out != NULL, "malloc");
    PROMISE(fuzz_is_printable(escape(out, room, text)));
    PROMISE(fuzz_is_printable(escape_sentence(out, room, text)));
    /* A sentence without anything that must not be in it stays as it is. */
    if (fuzz_is_printable(text) && strlen(text) < sizeof whole)
        PROMISE(strcmp(escape_sentence(whole, sizeof whole, text), text) == 0);
    free(out);
    free(text);
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    size_t room;

    if (length == 0)
        return 0;
    room = 1 + (size_t)16 * bytes[0];
    look_at_bytes(bytes + 1, length - 1, room);
    look_at_text(bytes + 1, length - 1, room);
    fuzz_accept();
    return 0;
}
