/*
 * Comma-separated values as text.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/csv_text.h"

#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "xacct/json_text.h"

/*
 * Whether a spreadsheet may take what begins here for a formula, and run what it says: it begins
 * with one of these characters, or with a wide one of Japanese keyboards, perhaps behind blanks.
 * Quotes are no obstacle either, to one that separates cells elsewhere than here. Source: OWASP,
 * "CSV Injection".
 */
static bool is_like_formula(const char *cell)
{
    static const char *const signs[] = {
        "=", "+", "-", "@", "\xef\xbc\x9d", "\xef\xbc\x8b", "\xef\xbc\x8d", "\xef\xbc\xa0"};
    size_t i;

    cell += strspn(cell, " \t\r\n\"");
    for (i = 0; i < sizeof signs / sizeof *signs; i++)
        if (strncmp(cell, signs[i], strlen(signs[i])) == 0)
            return true;
    return false;
}

static void add_cell(struct text *text, const char *cell)
{
    bool quoted = strpbrk(cell, "\",;") != NULL;

    text_add(text, quoted ? "\"" : "");
    text_add(text, is_like_formula(cell) ? "'" : "");
    while (*cell != '\0') {
        size_t length = utf8_sequence(cell);
        uint32_t character = utf8_character(cell, length);

        if (length == 0 || turns_text_round(character))
            text_add(text, "\xef\xbf\xbd");
        else if (is_control_character(character))
            text_addf(text, "\\x%02" PRIx32, character);
        else
            text_add_bytes(text, cell, length);
        cell += length > 0 ? length : 1;
        if (character == '"')
            text_add(text, "\"");
        else if (character == ';' && is_like_formula(cell))
            text_add(text, "'");
    }
    text_add(text, quoted ? "\"" : "");
}

void csv_record(struct text *text, const char *const *cells, size_t count)
{
    size_t i;

    for (i = 0; i < count; i++) {
        text_add(text, i > 0 ? "," : "");
        add_cell(text, cells[i] != NULL ? cells[i] : "");
    }
    text_add(text, "\r\n");
}
