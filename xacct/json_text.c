/*
 * JSON as text.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/json_text.h"

#include <inttypes.h>

static bool continues(unsigned char byte)
{
    return (byte & 0xc0) == 0x80;
}

size_t utf8_sequence(const char *text)
{
    const unsigned char *byte = (const unsigned char *)text;

    if (byte[0] == 0)
        return 0;
    if (byte[0] < 0x80)
        return 1;
    /* C0, C1 and what follows E0 and F0 here are longer than they need be; D800 to DFFF are halves
     * of UTF-16; F4 90 and above lie beyond Unicode. */
    if (byte[0] >= 0xc2 && byte[0] <= 0xdf)
        return continues(byte[1]) ? 2 : 0;
    if ((byte[0] & 0xf0) == 0xe0) {
        if (!continues(byte[1]) || !continues(byte[2]) || (byte[0] == 0xe0 && byte[1] < 0xa0) ||
            (byte[0] == 0xed && byte[1] > 0x9f))
            return 0;
        return 3;
    }
    if (byte[0] >= 0xf0 && byte[0] <= 0xf4) {
        if (!continues(byte[1]) || !continues(byte[2]) || !continues(byte[3]) ||
            (byte[0] == 0xf0 && byte[1] < 0x90) || (byte[0] == 0xf4 && byte[1] > 0x8f))
            return 0;
        return 4;
    }
    return 0;
}

bool utf8_is_valid(const char *text)
{
    size_t length;

    while ((length = utf8_sequence(text)) > 0)
        text += length;
    return *text == '\0';
}

uint32_t utf8_character(const char *text, size_t length)
{
    const unsigned char *byte = (const unsigned char *)text;
    uint32_t character = length < 2 ? byte[0] : byte[0] & (0x7fU >> length);
    size_t i;

    for (i = 1; i < length; i++)
        character = character << 6 | (byte[i] & 0x3f);
    return character;
}

bool is_control_character(uint32_t character)
{
    return character < 0x20 || (character >= 0x7f && character <= 0x9f);
}

bool turns_text_round(uint32_t character)
{
    return character == 0x061c || character == 0x200e || character == 0x200f ||
           (character >= 0x202a && character <= 0x202e) ||
           (character >= 0x2066 && character <= 0x2069);
}

void json_string(struct text *text, const char *value)
{
    if (value == NULL) {
        text_add(text, "null");
        return;
    }
    text_add(text, "\"");
    while (*value != '\0') {
        size_t length = utf8_sequence(value);
        uint32_t character = utf8_character(value, length);

        if (length == 0) {
            text_add(text, "\\ufffd");
            length = 1;
        } else if (is_control_character(character) || turns_text_round(character)) {
            text_addf(text, "\\u%04" PRIx32, character);
        } else {
            if (character == '"' || character == '\\')
                text_add(text, "\\");
            text_add_bytes(text, value, length);
        }
        value += length;
    }
    text_add(text, "\"");
}

void json_name(struct text *text, const char *name)
{
    if (text->length > 0 && text->bytes[text->length - 1] != '{')
        text_add(text, ", ");
    json_string(text, name);
    text_add(text, ": ");
}

void json_member(struct text *text, const char *name, const char *value)
{
    json_name(text, name);
    json_string(text, value);
}

void json_member_bool(struct text *text, const char *name, bool value)
{
    json_name(text, name);
    text_add(text, value ? "true" : "false");
}

void json_member_number(struct text *text, const char *name, int64_t value)
{
    json_name(text, name);
    text_addf(text, "%" PRId64, value);
}
