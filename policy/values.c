/*
 * Checks of values, all without state.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/values.h"

#include <limits.h>
#include <string.h>

#define DIGITS "0123456789"

/* Which bytes are VALUE_WORD_BYTES. */
static const bool is_of_word[UCHAR_MAX + 1] = {
    ['0' ... '9'] = true, ['A' ... 'Z'] = true, ['a' ... 'z'] = true, ['_'] = true};

bool value_is_of(const char *text, const char *allowed, size_t shortest, size_t longest)
{
    const bool words = strncmp(allowed, VALUE_WORD_BYTES, sizeof VALUE_WORD_BYTES - 1) == 0;
    size_t length = 0;

    /* strspn(3) makes a table of so many bytes first, which is longer than most texts. */
    while (text[length] != '\0' && ((words && is_of_word[(unsigned char)text[length]]) ||
                                    strchr(allowed, text[length]) != NULL))
        length++;
    return text[length] == '\0' && length >= shortest && length <= longest;
}

const struct unit value_time_units[] = {
    {"s", 1}, {"m", 60}, {"h", 60L * 60}, {"d", 24L * 60 * 60}, {NULL, 0}};

bool value_has_shape(const char *text, const char *shape)
{
    for (; *shape != '\0'; text++, shape++)
        if (*shape == '0' ? *text < '0' || *text > '9'
                          : *text != *shape && (*shape != '+' || *text != '-'))
            return false;
    return *text == '\0';
}

int value_two_digits(const char *two)
{
    return (two[0] - '0') * 10 + (two[1] - '0');
}

bool value_number(const char *text, const struct unit *units, long least, long most, long *number)
{
    size_t digits = strspn(text, DIGITS), i;
    long value = 0;

    for (i = 0; i < digits; i++) {
        if (value > (LONG_MAX - 9) / 10)
            return false;
        value = value * 10 + (text[i] - '0');
    }
    for (; digits > 0 && units->name != NULL; units++)
        if (strcmp(text + digits, units->name) == 0) {
            if (value > LONG_MAX / units->factor)
                return false;
            *number = value * units->factor;
            return *number >= least && *number <= most;
        }
    return false;
}

bool value_is_path(const char *text)
{
    size_t length;

    /* A comment that does not begin with ";" would become a part of the name. */
    if (*text != '/' || strstr(text, " #") != NULL)
        return false;
    while (*text == '/') {
        length = strcspn(++text, "/");
        if (length == 0 || (length == 1 && text[0] == '.') ||
            (length == 2 && text[0] == '.' && text[1] == '.'))
            return false;
        text += length;
    }
    return true;
}

long value_code_point(const char **text)
{
    static const struct {
        long least;               /* what a shorter form could say must not use this one */
        int more;                 /* bytes that follow */
        unsigned char mask, mark; /* of the first byte */
    } forms[] = {
        {0, 0, 0x80, 0x00},
        {0x80, 1, 0xe0, 0xc0},
        {0x800, 2, 0xf0, 0xe0},
        {0x10000, 3, 0xf8, 0xf0},
    };
    const unsigned char *at = (const unsigned char *)*text;
    size_t form;
    long point;
    int i;

    for (form = 0; form < sizeof forms / sizeof *forms; form++)
        if ((*at & forms[form].mask) == forms[form].mark)
            break;
    if (form == sizeof forms / sizeof *forms)
        return -1;
    point = *at++ & (unsigned char)~forms[form].mask;
    for (i = 0; i < forms[form].more; i++, at++) {
        if ((*at & 0xc0) != 0x80)
            return -1;
        point = (point << 6) | (*at & 0x3f);
    }
    if (point < forms[form].least || point > 0x10ffff || (point >= 0xd800 && point <= 0xdfff))
        return -1;
    *text = (const char *)at;
    return point;
}

bool value_is_utf8(const char *text, size_t *characters)
{
    for (*characters = 0; *text != '\0'; ++*characters)
        if (value_code_point(&text) < 0)
            return false;
    return true;
}
