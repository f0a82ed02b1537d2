/*
 * Reading SSH's forms.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "common/ssh_wire.h"

#include <string.h>

#define POINT_UNCOMPRESSED 4 /* SEC 1, section 2.3.3: the only form that SSH takes */

/* What a public key consists of behind its type: RFC 4253, RFC 5656, RFC 8709, PROTOCOL.u2f. */
static const struct form {
    const char *type;
    const char *curve;    /* NULL where it has none */
    size_t point;         /* bytes of the one string behind that; 0: an RSA key's two numbers */
    bool has_application; /* then what it was made for */
} forms[] = {
    {"ssh-ed25519", NULL, 32, false},
    {"ecdsa-sha2-nistp256", "nistp256", 65, false},
    {"ecdsa-sha2-nistp384", "nistp384", 97, false},
    {"ecdsa-sha2-nistp521", "nistp521", 133, false},
    {"ssh-rsa", NULL, 0, false},
    {"sk-ssh-ed25519@openssh.com", NULL, 32, true},
    {"sk-ecdsa-sha2-nistp256@openssh.com", "nistp256", 65, true},
};

/* Takes a number of `size` bytes, the highest first. */
static bool take_bytes(struct ssh_bytes *rest, size_t size, uint64_t *number)
{
    size_t i;

    if (rest->length < size)
        return false;
    *number = 0;
    for (i = 0; i < size; i++)
        *number = *number << 8 | rest->bytes[i];
    rest->bytes += size;
    rest->length -= size;
    return true;
}

bool ssh_take_u32(struct ssh_bytes *rest, uint32_t *number)
{
    uint64_t taken;

    if (!take_bytes(rest, 4, &taken))
        return false;
    *number = (uint32_t)taken;
    return true;
}

bool ssh_take_u64(struct ssh_bytes *rest, uint64_t *number)
{
    return take_bytes(rest, 8, number);
}

bool ssh_take_string(struct ssh_bytes *rest, struct ssh_bytes *string)
{
    struct ssh_bytes behind = *rest;
    uint32_t length;

    if (!ssh_take_u32(&behind, &length) || length > behind.length)
        return false;
    *string = (struct ssh_bytes){behind.bytes, length};
    *rest = (struct ssh_bytes){behind.bytes + length, behind.length - length};
    return true;
}

bool ssh_take_number(struct ssh_bytes *rest, struct ssh_bytes *number)
{
    struct ssh_bytes behind = *rest, taken;

    /* The highest bit is the sign, so a zero stands before it where it is part of the number. */
    if (!ssh_take_string(&behind, &taken) || taken.length == 0 || taken.bytes[0] > 0x7f)
        return false;
    if (taken.bytes[0] == 0) {
        taken.bytes++;
        taken.length--;
        if (taken.length == 0 || taken.bytes[0] <= 0x7f)
            return false;
    }
    *number = taken;
    *rest = behind;
    return true;
}

bool ssh_is_text(struct ssh_bytes bytes, const char *text)
{
    return bytes.length == strlen(text) && memcmp(bytes.bytes, text, bytes.length) == 0;
}

static const struct form *find_form(const char *type)
{
    size_t i;

    for (i = 0; i < sizeof forms / sizeof forms[0]; i++)
        if (strcmp(forms[i].type, type) == 0)
            return &forms[i];
    return NULL;
}

bool ssh_knows_key(const char *type)
{
    return find_form(type) != NULL;
}

bool ssh_take_key_body(struct ssh_bytes *rest, const char *type)
{
    const struct form *form = find_form(type);
    struct ssh_bytes behind = *rest, part;

    if (form == NULL)
        return false;
    if (form->curve != NULL &&
        (!ssh_take_string(&behind, &part) || !ssh_is_text(part, form->curve)))
        return false;
    if (form->point == 0) {
        struct ssh_bytes exponent, modulus;

        if (!ssh_take_number(&behind, &exponent) || !ssh_take_number(&behind, &modulus))
            return false;
    } else if (!ssh_take_string(&behind, &part) || part.length != form->point ||
               (form->curve != NULL && part.bytes[0] != POINT_UNCOMPRESSED)) {
        return false;
    }
    if (form->has_application && !ssh_take_string(&behind, &part))
        return false;
    *rest = behind;
    return true;
}
