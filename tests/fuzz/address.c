/*
 * Addresses and prefixes of `from`: policy/address.h. The first line is a prefix, the second an
 * address.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "policy/address.h"
#include "tests/fuzz/fuzz.h"

/* Bit by bit. */
static bool begins_with(const struct address *address, const struct prefix *prefix)
{
    unsigned i;

    for (i = 0; i < prefix->bits; i++)
        if (((address->bytes[i / 8] ^ prefix->bytes[i / 8]) >> (7 - i % 8) & 1) != 0)
            return false;
    return address->is_ipv4 == prefix->is_ipv4;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    struct fuzz_input input = {bytes, length};
    char *wanted = fuzz_take_text(&input, "\n"), *text = fuzz_take_text(&input, "\n");
    struct prefix prefix = {.text = wanted};
    struct address address;
    char why[256] = "", shown[INET6_ADDRSTRLEN];
    bool is_prefix = prefix_read(wanted, &prefix, why, sizeof why);
    bool is_address = address_read(text, &address);
    struct address again;

    PROMISE(is_prefix || why[0] != '\0');
    PROMISE(!is_prefix || prefix.bits <= (prefix.is_ipv4 ? 32 : 128));
    if (is_address) {
        fuzz_need(inet_ntop(address.is_ipv4 ? AF_INET : AF_INET6, address.bytes, shown,
                            sizeof shown) != NULL,
                  "inet_ntop");
        PROMISE(address_read(shown, &again) && again.is_ipv4 == address.is_ipv4);
        PROMISE(memcmp(again.bytes, address.bytes, address.is_ipv4 ? 4 : 16) == 0);
    }
    if (is_prefix && is_address) {
        PROMISE(prefix_holds(&prefix, &address) == begins_with(&address, &prefix));
        fuzz_accept();
    }
    free(wanted);
    free(text);
    return 0;
}
