/*
 * Matching without recursion into every *: where two of them could share bytes, the earlier may as
 * well have taken the fewest, so only the last one is ever tried again.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/glob.h"

#include <stddef.h>
#include <string.h>

#define OVERLAP_LONGEST ((size_t)256) /* bytes; a line of a policy has fewer */

/* The number of a byte, and of the small letter in place of a capital one. */
static int folded(char byte)
{
    return byte >= 'A' && byte <= 'Z' ? byte - 'A' + 'a' : byte;
}

static bool is_like(char wanted, char byte, bool fold)
{
    return wanted == '?' || wanted == byte || (fold && folded(wanted) == folded(byte));
}

bool glob_matches(const char *pattern, const char *text, bool fold)
{
    const char *star = NULL;  /* behind the last one that was met */
    const char *taken = NULL; /* what it has taken ends here */

    while (*text != '\0') {
        if (*pattern == '*') {
            star = ++pattern;
            taken = text;
        } else if (*pattern != '\0' && is_like(*pattern, *text, fold)) {
            pattern++;
            text++;
        } else if (star != NULL) {
            pattern = star;
            text = ++taken;
        } else {
            return false;
        }
    }
    while (*pattern == '*')
        pattern++;
    return *pattern == '\0';
}

bool glob_overlap(const char *one, const char *other)
{
    /* Whether what is left of `one` and of `other` overlaps, for each rest of `other`. */
    bool rows[2][OVERLAP_LONGEST + 1] = {{false}};
    size_t i = strlen(one) + 1, length = strlen(other);

    if (length > OVERLAP_LONGEST)
        return true;
    while (i-- > 0) {
        bool *row = rows[i % 2];
        const bool *below = rows[(i + 1) % 2];
        size_t j = length + 1;

        while (j-- > 0)
            /* A * is either over or takes one byte more of what the other asks for. */
            if (one[i] == '*')
                row[j] = below[j] || (j < length && row[j + 1]);
            else if (other[j] == '*')
                row[j] = row[j + 1] || (one[i] != '\0' && below[j]);
            else if (one[i] == '\0' || j == length)
                row[j] = one[i] == other[j];
            else
                row[j] = (is_like(one[i], other[j], false) || other[j] == '?') && below[j + 1];
    }
    return rows[0][0];
}
