/*
 * Untrusted text, piece by piece, since escape() cuts what is too long.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/escaped.h"

#include <string.h>

#include "common/escape.h"
#include "policy/policy.h"

#define PIECE ((size_t)200)

static void add(struct text *text, const char *words,
                char *(*form)(char *out, size_t size, const char *text))
{
    size_t left = strlen(words);

    while (left > 0) {
        size_t length = left < PIECE ? left : PIECE;
        char piece[PIECE + 1], out[4 * PIECE + 4];

        memcpy(piece, words, length);
        piece[length] = '\0';
        text_add(text, form(out, sizeof out, piece));
        words += length;
        left -= length;
    }
}

void escaped_add(struct text *text, const char *name)
{
    add(text, name, escape);
}

void escaped_add_sentence(struct text *text, const char *sentence)
{
    add(text, sentence, escape_sentence);
}

void escaped_add_notes(struct text *text, const struct texts *notes)
{
    size_t i;

    for (i = 0; i < notes->count; i++) {
        text_add(text, "note: ");
        escaped_add_sentence(text, notes->items[i]);
        text_add(text, "\n");
    }
}
