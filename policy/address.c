/*
 * Reading by inet_pton(3), which takes no shortened and no octal IPv4 addresses.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/address.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <string.h>

#include "policy/values.h"

#define MAPPED_BITS 96 /* of an IPv6 prefix that all IPv4 addresses written as IPv6 ones share */

static const unsigned char mapped[] = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff};

/* Reads an address. *written_long says that it was IPv4 written as IPv6. */
static bool read_address(const char *text, struct address *address, bool *written_long)
{
    *written_long = false;
    memset(address, 0, sizeof *address);
    if (inet_pton(AF_INET, text, address->bytes) == 1) {
        address->is_ipv4 = true;
        return true;
    }
    if (inet_pton(AF_INET6, text, address->bytes) != 1)
        return false;
    if (memcmp(address->bytes, mapped, sizeof mapped) == 0) {
        memmove(address->bytes, address->bytes + sizeof mapped, 4);
        memset(address->bytes + 4, 0, sizeof address->bytes - 4);
        address->is_ipv4 = *written_long = true;
    }
    return true;
}

bool address_read(const char *text, struct address *address)
{
    char plain[INET6_ADDRSTRLEN];
    size_t length = strcspn(text, "%");
    bool written_long;

    if (length >= sizeof plain)
        return false;
    memcpy(plain, text, length);
    plain[length] = '\0';
    return read_address(plain, address, &written_long) &&
           (text[length] == '\0' || (!address->is_ipv4 && text[length + 1] != '\0'));
}

/* Clears the bits behind the first `bits`. Returns whether all of them were clear. */
static bool clear_behind(unsigned char bytes[16], unsigned bits)
{
    bool clear = true;
    unsigned i;

    for (i = 0; i < 16; i++) {
        unsigned kept = bits >= 8 * (i + 1) ? 8 : bits > 8 * i ? bits - 8 * i : 0;
        unsigned char mask = (unsigned char)(0xff00 >> kept);

        clear = clear && (bytes[i] & (unsigned char)~mask) == 0;
        bytes[i] &= mask;
    }
    return clear;
}

bool prefix_read(const char *text, struct prefix *prefix, char *why, size_t why_size)
{
    static const struct unit no_unit[] = {{"", 1}, {NULL, 0}};
    char plain[INET6_ADDRSTRLEN], begin[INET6_ADDRSTRLEN];
    size_t length = strcspn(text, "/");
    struct address address;
    bool written_long;
    long least, most, bits;

    if (length < sizeof plain) {
        memcpy(plain, text, length);
        plain[length] = '\0';
    }
    if (length >= sizeof plain || !read_address(plain, &address, &written_long)) {
        snprintf(why, why_size,
                 "%s is not an address or prefix, such as 192.0.2.0/24 or "
                 "2001:db8::/32; names of hosts are not resolved",
                 text);
        return false;
    }
    least = written_long ? MAPPED_BITS : 0;
    most = address.is_ipv4 && !written_long ? 32 : 128;
    bits = most;
    if (text[length] == '/' && !value_number(text + length + 1, no_unit, least, most, &bits)) {
        snprintf(why, why_size, "%s: the number behind the / goes from %ld to %ld", text, least,
                 most);
        return false;
    }
    *prefix = (struct prefix){.is_ipv4 = address.is_ipv4, .bits = (unsigned)(bits - least)};
    memcpy(prefix->bytes, address.bytes, sizeof prefix->bytes);
    if (!clear_behind(prefix->bytes, prefix->bits)) {
        inet_ntop(prefix->is_ipv4 ? AF_INET : AF_INET6, prefix->bytes, begin, sizeof begin);
        snprintf(why, why_size,
                 "%s has bits set behind the prefix; write %s/%u, or the address "
                 "alone",
                 text, begin, prefix->bits);
        return false;
    }
    return true;
}

bool prefix_holds(const struct prefix *prefix, const struct address *address)
{
    unsigned char begin[16];

    if (prefix->is_ipv4 != address->is_ipv4)
        return false;
    memcpy(begin, address->bytes, sizeof begin);
    clear_behind(begin, prefix->bits);
    return memcmp(begin, prefix->bytes, sizeof begin) == 0;
}

bool address_is_loopback(const struct address *address)
{
    static const unsigned char ipv6[16] = {[15] = 1};

    return address->is_ipv4 ? address->bytes[0] == 127
                            : memcmp(address->bytes, ipv6, sizeof ipv6) == 0;
}

bool prefix_means_this_host(const struct prefix *prefix)
{
    return prefix->bits == (prefix->is_ipv4 ? 32 : 128) ||
           (prefix->is_ipv4 && prefix->bits >= 8 && prefix->bytes[0] == 127);
}
