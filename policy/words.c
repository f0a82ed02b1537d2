/*
 * Words, with double quotes.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/words.h"

#include <string.h>

static bool is_blank(char byte)
{
    return byte == ' ' || byte == '\t';
}

enum word_outcome word_next(const char **cursor, char *word, bool *quoted, const char **why)
{
    const char *at = *cursor;
    size_t plain = 0, inside = 0;

    /* By hand, as what strspn(3) does first takes longer than a word has bytes. */
    while (is_blank(*at))
        at++;
    *quoted = false;
    *why = NULL;
    if (*at == '\0')
        return WORD_END;
    for (; at[plain] != '\0' && at[plain] != '"' && !is_blank(at[plain]); plain++)
        word[plain] = at[plain];
    if (at[plain] == '"') {
        *quoted = true;
        if (plain > 0 && memchr(at, '=', plain) != at + plain - 1)
            *why = "a double quote stands in the middle of a word; put quotes around the whole of "
                   "it, or around what follows its \"=\"";
        at += plain + 1;
        inside = strcspn(at, "\"");
        memcpy(word + plain, at, inside);
        at += inside;
        if (*why == NULL && *at == '\0')
            *why = "a double quote is not closed on its line";
        else if (*why == NULL && at[1] != '\0' && !is_blank(at[1]))
            *why = "a closing double quote must be followed by a blank or the end of the line";
        if (*why != NULL)
            return WORD_ILLEGAL;
        at++;
    } else {
        at += plain;
    }
    word[plain + inside] = '\0';
    *cursor = at;
    return WORD_FOUND;
}
