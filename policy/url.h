/*
 * The URLs that a policy may name. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_URL_H
#define XACCT_POLICY_URL_H

#include <stdbool.h>
#include <stddef.h>

/* The parts of an http or https URL; they point into it. */
struct url {
    bool is_plain; /* http */
    bool has_user; /* USER[:PASSWORD]@ stands before the host */
    const char *host;
    size_t host_length; /* with the brackets of an IPv6 address */
    const char *path;   /* what follows host and port; empty, or begins with a / */
};

/*
 * Takes a URL apart. Returns false when it is none: another scheme, no host, a port that is no
 * port, blanks, control bytes or a fragment.
 */
bool url_parse(const char *text, struct url *url);

/* Whether the host is this one, byte for byte. */
bool url_has_host(const struct url *url, const char *host);

/*
 * Whether the host is an address of this machine itself, which no wire is between: ::1, or one of
 * 127.0.0.0/8 in four decimal numbers. Five of them, or one of 256, are a name, which is looked up.
 */
bool url_is_loopback(const struct url *url);

/* Whether nothing stands behind host and port but an optional "/". */
bool url_is_bare(const struct url *url);

/*
 * Whether keys may come from this server: https, or http of this machine itself ("localhost" too),
 * a host, an optional port, an optional "/", and no more.
 */
bool url_is_endpoint(const char *text);

#endif
