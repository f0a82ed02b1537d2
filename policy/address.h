/*
 * IP addresses and prefixes, as text and as bits. Inside policy/ only.
 *
 * An IPv4 address that is written as an IPv6 one, ::ffff:192.0.2.1 (RFC 4291, section 2.5.5.2), is
 * that IPv4 address: a server that listens on both kinds shows it so.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_ADDRESS_H
#define XACCT_POLICY_ADDRESS_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/policy.h"

struct address {
    bool is_ipv4;
    unsigned char bytes[16]; /* in the order of the network; the first 4 of an IPv4 address */
};

/* Reads an address; the zone of a link-local one, as in fe80::1%eth0, is passed over. Returns false
 * for anything else, such as a host's name. */
bool address_read(const char *text, struct address *address);

/*
 * Reads ADDRESS or ADDRESS/BITS into *prefix but its text. Returns false with a sentence in `why`
 * when it is none, or has bits set behind its first BITS.
 */
bool prefix_read(const char *text, struct prefix *prefix, char *why, size_t why_size);

/* Whether the address begins with the prefix. One of the other kind never does. */
bool prefix_holds(const struct prefix *prefix, const struct address *address);

/* Whether it is of the loopback interface: 127.0.0.0/8 or ::1 (RFC 6890, section 2.2). */
bool address_is_loopback(const struct address *address);

/*
 * Whether the prefix says that it means this host itself: it is the one address, or of the loopback
 * interface alone.
 */
bool prefix_means_this_host(const struct prefix *prefix);

#endif
