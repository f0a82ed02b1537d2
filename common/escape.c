/*
 * Untrusted text made harmless for logs and terminals.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "common/escape.h"

#include <stdbool.h>
#include <string.h>

/* Writes one byte's form to `piece`, doubling a backslash or not; returns its length. */
static size_t escape_byte(char piece[4], unsigned char byte, bool doubling)
{
    static const char digits[] = "0123456789abcdef";

    if (byte == '\\' && doubling) {
        memcpy(piece, "\\\\", 2);
        return 2;
    }
    if (byte >= 0x20 && byte < 0x7f) {
        piece[0] = (char)byte;
        return 1;
    }
    piece[0] = '\\';
    piece[1] = 'x';
    piece[2] = digits[byte >> 4];
    piece[3] = digits[byte & 15];
    return 4;
}

static char *write_escaped(char *out, size_t size, const void *bytes, size_t length, bool doubling)
{
    static const char cut[] = "...";
    const unsigned char *in = bytes;
    size_t used = 0, whole = 0, i;

    if (size == 0)
        return out;
    for (i = 0; i < length; i++) {
        char piece[4];
        size_t piece_length = escape_byte(piece, in[i], doubling);

        if (used + piece_length >= size)
            break;
        memcpy(out + used, piece, piece_length);
        used += piece_length;
        /* The longest prefix that still leaves room for the mark of a cut. */
        if (used + sizeof cut <= size)
            whole = used;
    }
    if (i < length) {
        used = whole;
        if (size >= sizeof cut) {
            memcpy(out + used, cut, sizeof cut - 1);
            used += sizeof cut - 1;
        }
    }
    out[used] = '\0';
    return out;
}

char *escape_bytes(char *out, size_t size, const void *bytes, size_t length)
{
    return write_escaped(out, size, bytes, length, true);
}

char *escape_sentence(char *out, size_t size, const char *sentence)
{
    return write_escaped(out, size, sentence, strlen(sentence), false);
}

char *escape(char *out, size_t size, const char *text)
{
    if (text == NULL)
        text = "(none)";
    return escape_bytes(out, size, text, strlen(text));
}
