/*
 * Patterns of names: policy/glob.h, beside a plain reading of the same rules. The input is two
 * patterns and a text, with newlines between.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>

#include "policy/glob.h"
#include "tests/fuzz/fuzz.h"

#define LONGEST ((size_t)2048) /* bytes: for more, the second reading is too slow */

static int lower(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
}

/* Which beginnings of the text are like the beginning of the pattern, one byte more at a time. */
static bool matches(const char *pattern, const char *text, bool fold)
{
    static bool like[LONGEST + 1];
    size_t length = strlen(text), j;

    memset(like, 0, length + 1);
    like[0] = true;
    for (; *pattern != '\0'; pattern++) {
        bool before = like[0];

        if (*pattern != '*')
            like[0] = false;
        for (j = 1; j <= length; j++) {
            bool above = like[j];
            char byte = text[j - 1];

            if (*pattern == '*')
                like[j] = above || like[j - 1];
            else
                like[j] = before && (*pattern == '?' || *pattern == byte ||
                                     (fold && lower(*pattern) == lower(byte)));
            before = above;
        }
    }
    return like[length];
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};
    char *one = fuzz_take_text(&input, "\n"), *other = fuzz_take_text(&input, "\n"),
         *text = fuzz_take_text(&input, "\n");
    bool both;

    if (length <= LONGEST) {
        PROMISE(glob_matches(one, text, false) == matches(one, text, false));
        PROMISE(glob_matches(other, text, true) == matches(other, text, true));
        PROMISE(!glob_matches(one, text, false) || glob_matches(one, text, true));
        PROMISE(glob_overlap(one, other) == glob_overlap(other, one) || strlen(one) > 256 ||
                strlen(other) > 256);
        both = glob_matches(one, text, false) && glob_matches(other, text, false);
        PROMISE(!both || glob_overlap(one, other));
        if (both)
            fuzz_accept();
    }
    free(one);
    free(other);
    free(text);
    return 0;
}
