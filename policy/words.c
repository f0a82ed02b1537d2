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

enum word_outcome word_next(const char **cursor, char *room, struct word *word, const char **why)
{
    const char *at = *cursor;
    size_t plain = 0, inside;

    /* By hand, as what strspn(3) does first takes longer than a word has bytes. */
    while (is_blank(*at))
        at++;
    *why = NULL;
    if (*at == '\0')
        return WORD_END;
    while (at[plain] != '\0' && at[plain] != '"' && !is_blank(at[plain]))
        plain++;
    if (at[plain] != '"') {
        *word = (struct word){.text = at, .length = plain};
        *cursor = at + plain;
        return WORD_FOUND;
    }
    if (plain > 0 && memchr(at, '=', plain) != at + plain - 1)
        *why = "a double quote stands in the middle of a word; put quotes around the whole of "
               "it, or around what follows its \"=\"";
    memcpy(room, at, plain);
    at += plain + 1;
    inside = strcspn(at, "\"");
    memcpy(room + plain, at, inside);
    at += inside;
    if (*why == NULL && *at == '\0')
        *why = "a double quote is not closed on its line";
    else if (*why == NULL && at[1] != '\0' && !is_blank(at[1]))
        *why = "a closing double quote must be followed by a blank or the end of the line";
    if (*why != NULL)
        return WORD_ILLEGAL;
    *word = (struct word){.text = room, .length = plain + inside, .quoted = true};
    *cursor = at + 1;
    return WORD_FOUND;
}
