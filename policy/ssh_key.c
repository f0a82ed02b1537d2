/*
 * Base64 (RFC 4648) and the key inside it (RFC 4251, section 5): one text for each key, so that two
 * [ca] sections cannot hold the same key in different spellings.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/ssh_key.h"

#include <stdint.h>
#include <string.h>

#define RSA_LEAST          2048 /* bits */
#define RSA_MOST           16384
#define POINT_UNCOMPRESSED 4 /* SEC 1, section 2.3.3 */

/* What a key of each type consists of behind its type. */
static const struct form {
    const char *type;
    const char *curve; /* NULL where it has none */
    size_t point;      /* bytes of the one string behind that; 0: an RSA key's two numbers */
} forms[] = {
    {"ssh-ed25519", NULL, 32},
    {"ecdsa-sha2-nistp256", "nistp256", 65},
    {"ecdsa-sha2-nistp384", "nistp384", 97},
    {"ecdsa-sha2-nistp521", "nistp521", 133},
    {"ssh-rsa", NULL, 0},
};

/* The 6 bits that a letter of base64 stands for, or -1. */
static int bits_of(char letter)
{
    static const char alphabet[] =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char *at = letter != '\0' ? strchr(alphabet, letter) : NULL;

    return at != NULL ? (int)(at - alphabet) : -1;
}

/* Decodes all of `text` into `bytes`, which has room. Returns false when it is not strict base64.
 */
static bool decode(const char *text, unsigned char *bytes, size_t *length)
{
    size_t size = strlen(text), letters = strcspn(text, "="), i;
    unsigned held = 0, bits = 0;

    *length = 0;
    if (size == 0 || size % 4 != 0 || size - letters > 2 ||
        strspn(text + letters, "=") != size - letters)
        return false;
    for (i = 0; i < letters; i++) {
        int value = bits_of(text[i]);

        if (value < 0)
            return false;
        held = (held << 6 | (unsigned)value) & 0xffff;
        bits += 6;
        if (bits >= 8) {
            bits -= 8;
            bytes[(*length)++] = (unsigned char)(held >> bits);
        }
    }
    return (held & ((1U << bits) - 1)) == 0;
}

/* Bytes that have not been read yet. */
struct rest {
    const unsigned char *bytes;
    size_t length;
};

/* Takes a string: its length in four bytes, and the bytes. */
static bool take_string(struct rest *rest, struct rest *string)
{
    uint32_t length;

    if (rest->length < 4)
        return false;
    length = (uint32_t)rest->bytes[0] << 24 | (uint32_t)rest->bytes[1] << 16 |
             (uint32_t)rest->bytes[2] << 8 | rest->bytes[3];
    if (length > rest->length - 4)
        return false;
    *string = (struct rest){rest->bytes + 4, length};
    rest->bytes += 4 + (size_t)length;
    rest->length -= 4 + (size_t)length;
    return true;
}

/* Takes a string that must be this text. */
static bool take_text(struct rest *rest, const char *text)
{
    struct rest string;

    return take_string(rest, &string) && string.length == strlen(text) &&
           memcmp(string.bytes, text, string.length) == 0;
}

/* Takes a positive odd number in its one form. Sets *bits to how many it has. */
static bool take_odd_number(struct rest *rest, size_t *bits)
{
    struct rest number;
    unsigned char first;

    if (!take_string(rest, &number) || number.length == 0 || number.bytes[0] > 0x7f ||
        (number.bytes[number.length - 1] & 1) == 0)
        return false;
    if (number.bytes[0] == 0) {
        number.bytes++;
        number.length--;
        if (number.length == 0 || number.bytes[0] <= 0x7f)
            return false;
    }
    *bits = 8 * number.length;
    for (first = number.bytes[0]; first <= 0x7f; first = (unsigned char)(first << 1))
        --*bits;
    return true;
}

/* What is wrong with what follows the type, or NULL. */
static const char *body_fault(const struct form *form, struct rest *rest)
{
    static const char broken[] =
        "the key's bytes are not those of a key of its type; copy it whole, "
        "without a comment, from the file that ssh-keygen wrote";
    struct rest point;
    size_t exponent, modulus;

    if (form->curve != NULL && !take_text(rest, form->curve))
        return broken;
    if (form->point > 0) {
        if (!take_string(rest, &point) || point.length != form->point ||
            (form->curve != NULL && point.bytes[0] != POINT_UNCOMPRESSED))
            return broken;
    } else {
        if (!take_odd_number(rest, &exponent) || exponent < 2 || !take_odd_number(rest, &modulus))
            return broken;
        if (modulus < RSA_LEAST || modulus > RSA_MOST)
            return "an RSA key has 2048 to 16384 bits";
    }
    return rest->length == 0 ? NULL : broken;
}

const char *ssh_key_read(const char *text, struct arena *memory, struct ca *ca)
{
    size_t length = strcspn(text, " \t"), i;
    const char *base64 = text + length + strspn(text + length, " \t");
    const char *fault;
    unsigned char *bytes;
    struct rest rest;

    for (i = 0; i < sizeof forms / sizeof *forms; i++)
        if (strlen(forms[i].type) == length && memcmp(forms[i].type, text, length) == 0)
            break;
    if (i == sizeof forms / sizeof *forms)
        return "write TYPE BASE64, of the type ssh-ed25519, ecdsa-sha2-nistp256, "
               "ecdsa-sha2-nistp384, ecdsa-sha2-nistp521 or ssh-rsa";
    if (base64[strcspn(base64, " \t")] != '\0')
        return "text behind the key; write TYPE BASE64 without the comment";
    bytes = arena_alloc(memory, strlen(base64) + 1, 1);
    if (bytes == NULL)
        return NULL;
    if (!decode(base64, bytes, &rest.length))
        return "the key is not base64 from its first to its last byte; copy it whole";
    rest.bytes = bytes;
    ca->key_length = rest.length;
    if (!take_text(&rest, forms[i].type))
        return "the key's bytes are of another type than the one that stands before them";
    fault = body_fault(&forms[i], &rest);
    if (fault != NULL)
        return fault;
    ca->type = forms[i].type;
    ca->key = bytes;
    return NULL;
}
