/*
 * What a line holds.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/lines.h"

#include <stdint.h>
#include <string.h>

#define BLANKS " \t"

/*
 * How many bytes at the beginning of a line are certainly no control characters, looked at eight at
 * a time: one of eight is below 0x20 if taking 0x20 from each sets an upper bit that was not set,
 * and is 0x7f if adding 1 to each does.
 */
static size_t certainly_fit(const char *line, size_t length)
{
    const uint64_t each = UINT64_C(0x0101010101010101);
    uint64_t bytes;
    size_t i = 0;

    while (length - i >= sizeof bytes) {
        memcpy(&bytes, line + i, sizeof bytes);
        if ((((bytes - 0x20 * each) | (bytes + each)) & ~bytes & 0x80 * each) != 0)
            break;
        i += sizeof bytes;
        /* The last eight, some of which have been looked at. */
        if (i < length && length - i < sizeof bytes)
            i = length - sizeof bytes;
    }
    return i;
}

size_t line_fit(const char *line, size_t length)
{
    size_t i = certainly_fit(line, length);

    while (i < length && (((unsigned char)line[i] >= 0x20 && line[i] != 0x7f) || line[i] == '\t'))
        i++;
    return i;
}

const char *line_skip_blanks(const char *text)
{
    while (*text == ' ' || *text == '\t')
        text++;
    return text;
}

bool line_holds_beside_blank(const char *text, const char *bytes, bool after)
{
    const char *at = text;

    while ((at = strpbrk(at, bytes)) != NULL) {
        if (at == text || strchr(BLANKS, at[-1]) != NULL)
            return true;
        if (after && at[1] != '\0' && strchr(BLANKS, at[1]) != NULL)
            return true;
        at++;
    }
    return false;
}
