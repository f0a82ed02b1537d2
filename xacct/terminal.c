/*
 * Terminals.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/terminal.h"

#include <langinfo.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>
#include <wctype.h>

#include "xacct/json_text.h"

/*
 * Writes the piece that the character at *words becomes, at most 4 bytes or the character itself,
 * and moves *words past it. Returns the piece's columns.
 */
static size_t next_piece(const char **words, mbstate_t *state, char *piece, size_t *length)
{
    static const char digits[] = "0123456789abcdef";
    unsigned char byte = (unsigned char)**words;
    wchar_t c;
    size_t n = mbrtowc(&c, *words, strlen(*words), state);

    if (n == 0 || n > MB_LEN_MAX || !iswprint((wint_t)c) || wcwidth(c) < 0 ||
        turns_text_round((uint32_t)c)) {
        memset(state, 0, sizeof *state);
        memcpy(piece, "\\x", 2);
        piece[2] = digits[byte >> 4];
        piece[3] = digits[byte & 15];
        *length = 4;
        ++*words;
        return 4;
    }
    memcpy(piece, *words, n);
    *length = n;
    *words += n;
    return (size_t)wcwidth(c);
}

static const char *ellipsis(size_t *columns)
{
    bool utf8 = strcmp(nl_langinfo(CODESET), "UTF-8") == 0;

    *columns = utf8 ? 1 : 3;
    return utf8 ? "\xe2\x80\xa6" : "...";
}

/* As shown_add; NULL for `text` counts only. */
static size_t add(struct text *text, const char *words, size_t most)
{
    mbstate_t state = {0};
    size_t columns = 0;

    while (*words != '\0') {
        char piece[MB_LEN_MAX > 4 ? MB_LEN_MAX : 4];
        size_t length, width = next_piece(&words, &state, piece, &length);

        if (most > 0 && columns + width > most)
            break;
        if (text != NULL)
            text_add_bytes(text, piece, length);
        columns += width;
    }
    return columns;
}

size_t shown_width(const char *words)
{
    return add(NULL, words, 0);
}

size_t shown_add(struct text *text, const char *words, size_t most)
{
    size_t dots;
    const char *cut = ellipsis(&dots);

    if (most == 0 || shown_width(words) <= most)
        return add(text, words, 0);
    if (most <= dots)
        return 0;
    most = add(text, words, most - dots);
    text_add(text, cut);
    return most + dots;
}

size_t terminal_columns(void)
{
    struct winsize size;

    if (!isatty(STDOUT_FILENO) || ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) != 0)
        return 0;
    return size.ws_col;
}

bool terminal_has_colours(void)
{
    const char *none = getenv("NO_COLOR"), *terminal = getenv("TERM");

    return (none == NULL || *none == '\0') && terminal != NULL && strcmp(terminal, "dumb") != 0 &&
           isatty(STDOUT_FILENO);
}
