/*
 * Base64 (RFC 4648) and the key inside it (RFC 4251, section 5): one text for each key, so that two
 * [ca] sections cannot hold the same key in different spellings.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/ssh_key.h"

#include <string.h>

#include "common/ssh_wire.h"

#define RSA_TYPE  "ssh-rsa"
#define RSA_LEAST 2048 /* bits */
#define RSA_MOST  16384

/* The types that a [ca] may have. */
static const char *const types[] = {"ssh-ed25519", "ecdsa-sha2-nistp256", "ecdsa-sha2-nistp384",
                                    "ecdsa-sha2-nistp521", RSA_TYPE};

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

/* Takes an odd number. Sets *bits to how many it has. */
static bool take_odd_number(struct ssh_bytes *rest, size_t *bits)
{
    struct ssh_bytes number;
    unsigned char first;

    if (!ssh_take_number(rest, &number) || (number.bytes[number.length - 1] & 1) == 0)
        return false;
    *bits = 8 * number.length;
    for (first = number.bytes[0]; first <= 0x7f; first = (unsigned char)(first << 1))
        --*bits;
    return true;
}

/* What is wrong with what follows the type, or NULL. */
static const char *body_fault(const char *type, struct ssh_bytes *rest)
{
    static const char broken[] =
        "the key's bytes are not those of a key of its type; copy it whole, "
        "without a comment, from the file that ssh-keygen wrote";
    size_t exponent, modulus;

    if (strcmp(type, RSA_TYPE) != 0)
        return ssh_take_key_body(rest, type) && rest->length == 0 ? NULL : broken;
    if (!take_odd_number(rest, &exponent) || exponent < 2 || !take_odd_number(rest, &modulus))
        return broken;
    if (modulus < RSA_LEAST || modulus > RSA_MOST)
        return "an RSA key has 2048 to 16384 bits";
    return rest->length == 0 ? NULL : broken;
}

const char *ssh_key_read(const char *text, struct arena *memory, struct ca *ca)
{
    size_t length = strcspn(text, " \t"), i;
    const char *base64 = text + length + strspn(text + length, " \t");
    const char *fault;
    unsigned char *bytes;
    struct ssh_bytes rest, type;

    for (i = 0; i < sizeof types / sizeof *types; i++)
        if (strlen(types[i]) == length && memcmp(types[i], text, length) == 0)
            break;
    if (i == sizeof types / sizeof *types)
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
    if (!ssh_take_string(&rest, &type) || !ssh_is_text(type, types[i]))
        return "the key's bytes are of another type than the one that stands before them";
    fault = body_fault(types[i], &rest);
    if (fault != NULL)
        return fault;
    ca->type = types[i];
    ca->key = bytes;
    return NULL;
}
