/*
 * Reading SSH_AUTH_INFO_0.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/auth_info.h"

#include <errno.h>
#include <openssl/evp.h>
#include <string.h>

#define PUBLICKEY "publickey"
#define LETTERS   "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_.@"

/* Decodes base64 of RFC 4648 in its one form. Returns 0, EBADMSG or ENOMEM. */
static int decode(const char *text, size_t length, struct arena *memory, struct ssh_bytes *bytes)
{
    unsigned char *decoded, *again;
    size_t padding = 0;

    if (length == 0 || length % 4 != 0)
        return EBADMSG;
    decoded = arena_alloc(memory, length / 4 * 3 + 1, 1);
    again = arena_alloc(memory, length + 1, 1);
    if (decoded == NULL || again == NULL)
        return ENOMEM;
    if (EVP_DecodeBlock(decoded, (const unsigned char *)text, (int)length) != (int)(length / 4 * 3))
        return EBADMSG;
    while (padding < 2 && text[length - 1 - padding] == '=')
        padding++;
    *bytes = (struct ssh_bytes){decoded, length / 4 * 3 - padding};
    /* It takes white space too, and bits that are left over. */
    if (EVP_EncodeBlock(again, decoded, (int)bytes->length) != (int)length ||
        memcmp(again, text, length) != 0)
        return EBADMSG;
    return 0;
}

/* Reads "TYPE BASE64", the rest of a line. Returns as auth_info_read. */
static int read_key(const char *text, size_t length, struct arena *memory, struct auth_info *info,
                    const char **wrong)
{
    size_t type_length = strspn(text, LETTERS);
    struct auth_key *keys, key;
    struct ssh_bytes rest, type;
    int error;

    *wrong = "a public key is not TYPE BASE64";
    if (type_length == 0 || type_length >= length || text[type_length] != ' ')
        return EBADMSG;
    error = decode(text + type_length + 1, length - type_length - 1, memory, &key.bytes);
    if (error != 0)
        return error;
    key.type = arena_text(memory, text, type_length);
    keys = arena_grow(memory, info->keys, info->key_count, sizeof *keys);
    if (key.type == NULL || keys == NULL)
        return ENOMEM;
    rest = key.bytes;
    *wrong = "a public key is of another type than the one that stands before it";
    if (!ssh_take_string(&rest, &type) || !ssh_is_text(type, key.type))
        return EBADMSG;
    info->keys = keys;
    keys[info->key_count++] = key;
    return 0;
}

/* Reads one line without its end. Returns as auth_info_read. */
static int read_line(const char *line, size_t length, struct arena *memory, struct auth_info *info,
                     const char **wrong)
{
    size_t method = strspn(line, LETTERS), whole = method;

    *wrong = "a line does not begin with a method";
    if (line[method] == '/')
        whole += 1 + strspn(line + method + 1, LETTERS);
    if (method == 0 || whole == method + 1 || (line[whole] != ' ' && whole != length))
        return EBADMSG;
    if (!texts_add(memory, &info->methods, arena_text(memory, line, whole)))
        return ENOMEM;
    if (method != strlen(PUBLICKEY) || strncmp(line, PUBLICKEY, method) != 0)
        return 0;
    *wrong = "the method publickey has no public key";
    return whole < length ? read_key(line + whole + 1, length - whole - 1, memory, info, wrong)
                          : EBADMSG;
}

int auth_info_read(const char *text, struct arena *memory, struct auth_info *info,
                   const char **wrong)
{
    int error = 0;

    memset(info, 0, sizeof *info);
    while (error == 0 && *text != '\0') {
        size_t length = strcspn(text, "\n");

        error = read_line(text, length, memory, info, wrong);
        text += length + (text[length] == '\n');
    }
    return error;
}
