/*
 * What a URL says: whom to ask, and where that is.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "helper/http.h"
#include "helper/libcurl.h"

/* Copies a part of the URL to `out`. Returns 0; ENOENT when the URL has none; EINVAL. */
static int url_part(CURLU *url, CURLUPart part, char *out, size_t size)
{
    CURLUcode code;
    char *text = NULL;
    int error = 0;

    code = libcurl.url_get(url, part, &text, part == CURLUPART_PORT ? CURLU_NO_DEFAULT_PORT : 0);
    if (code != CURLUE_OK)
        error = code == CURLUE_OUT_OF_MEMORY ? EINVAL : ENOENT;
    else if (strlen(text) >= size)
        error = EINVAL;
    else
        memcpy(out, text, strlen(text) + 1);
    libcurl.free(text);
    return error;
}

/* Parses the URL. Returns it, which the caller frees with curl_url_cleanup; or NULL. */
static CURLU *parse(const char *url)
{
    CURLU *parts;
    const char *byte;

    /* An international name may become an address, as with digits of another width. */
    for (byte = url; *byte != '\0'; byte++)
        if (*byte <= ' ' || *byte > '~')
            return NULL;
    if (libcurl_load() != 0)
        return NULL;
    parts = libcurl.url();
    if (parts != NULL && libcurl.url_set(parts, CURLUPART_URL, url, 0) != CURLUE_OK) {
        libcurl.url_cleanup(parts);
        parts = NULL;
    }
    return parts;
}

/* Copies scheme and host, with the port unless it is the scheme's own. Returns 0 or EINVAL. */
static int copy_host(CURLU *parts, char scheme[HTTP_SCHEME_SIZE], char host[HTTP_HOST_SIZE])
{
    char port[sizeof "65535"];
    int with_port;
    size_t used;

    if (url_part(parts, CURLUPART_SCHEME, scheme, HTTP_SCHEME_SIZE) != 0 ||
        (strcmp(scheme, "http") != 0 && strcmp(scheme, "https") != 0) ||
        url_part(parts, CURLUPART_HOST, host, HTTP_HOST_SIZE) != 0)
        return EINVAL;
    with_port = url_part(parts, CURLUPART_PORT, port, sizeof port);
    used = strlen(host);
    if (with_port == EINVAL || (with_port == 0 && used + strlen(port) + 2 > HTTP_HOST_SIZE))
        return EINVAL;
    if (with_port == 0)
        snprintf(host + used, HTTP_HOST_SIZE - used, ":%s", port);
    return 0;
}

int http_target(const char *url, struct http_target *target)
{
    static const CURLUPart unwanted[] = {CURLUPART_USER, CURLUPART_PASSWORD, CURLUPART_QUERY,
                                         CURLUPART_FRAGMENT};
    char other[1];
    CURLU *parts = parse(url);
    int error = EINVAL;
    size_t i;

    memset(target, 0, sizeof *target);
    if (parts == NULL)
        return EINVAL;
    for (i = 0; i < sizeof unwanted / sizeof *unwanted; i++)
        if (url_part(parts, unwanted[i], other, sizeof other) != ENOENT)
            goto done;
    if (url_part(parts, CURLUPART_PATH, target->path, sizeof target->path) == 0)
        error = copy_host(parts, target->scheme, target->host);
done:
    libcurl.url_cleanup(parts);
    return error;
}

int http_proxy_host(const char *url, char scheme[HTTP_SCHEME_SIZE], char host[HTTP_HOST_SIZE])
{
    CURLU *parts = parse(url);
    int error = parts != NULL ? copy_host(parts, scheme, host) : EINVAL;

    if (parts != NULL)
        libcurl.url_cleanup(parts);
    return error;
}

/* Whether the address begins with `bits` bits of the other. */
static bool begins_with(const unsigned char *address, const unsigned char *prefix, unsigned bits)
{
    unsigned whole = bits / 8, rest = bits % 8;

    return memcmp(address, prefix, whole) == 0 &&
           (rest == 0 || (address[whole] ^ prefix[whole]) >> (8 - rest) == 0);
}

/* The place of an address in the network's order; IPv4 ones are mapped into IPv6. */
static enum http_place place_of_address(const struct in6_addr *address)
{
    static const struct {
        const char *prefix;
        unsigned bits;
        enum http_place place;
    } places[] = {
        {"::", 128, HTTP_LOOPBACK},
        {"::1", 128, HTTP_LOOPBACK},
        {"::ffff:0.0.0.0", 128, HTTP_LOOPBACK},
        {"::ffff:127.0.0.0", 104, HTTP_LOOPBACK},
        {"::ffff:169.254.170.2", 128, HTTP_CONTAINER_AGENT},
        {"::ffff:169.254.170.23", 128, HTTP_CONTAINER_AGENT},
        {"fd00:ec2::23", 128, HTTP_CONTAINER_AGENT},
        {"::ffff:169.254.0.0", 112, HTTP_LINK},
        {"fe80::", 10, HTTP_LINK},
        {"fd00:ec2::", 32, HTTP_LINK},
    };
    struct in6_addr prefix;
    size_t i;

    for (i = 0; i < sizeof places / sizeof *places; i++)
        if (inet_pton(AF_INET6, places[i].prefix, &prefix) == 1 &&
            begins_with(address->s6_addr, prefix.s6_addr, places[i].bits))
            return places[i].place;
    return HTTP_ELSEWHERE;
}

/* Whether the name is localhost, or one below it (RFC 6761, section 6.3). */
static bool is_localhost(const char *name)
{
    static const char localhost[] = "localhost";
    size_t length = strlen(name), tail = sizeof localhost - 1;

    return length >= tail && strcasecmp(name + length - tail, localhost) == 0 &&
           (length == tail || name[length - tail - 1] == '.');
}

static enum http_place place_of_host(char host[HTTP_HOST_SIZE])
{
    struct in6_addr address = {{{[10] = 0xff, [11] = 0xff}}};
    size_t length = strlen(host);
    struct in_addr ipv4;

    if (host[0] == '[') {
        host[strcspn(host, "%]")] = '\0';
        return inet_pton(AF_INET6, host + 1, &address) == 1 ? place_of_address(&address)
                                                            : HTTP_ELSEWHERE;
    }
    /* libcurl looks up a name that ends in a dot without it. */
    if (length > 0 && host[length - 1] == '.')
        host[length - 1] = '\0';
    /* As the resolver does: with one to four numbers, octal and hexadecimal ones too. */
    if (inet_aton(host, &ipv4) != 0) {
        memcpy(address.s6_addr + 12, &ipv4, sizeof ipv4);
        return place_of_address(&address);
    }
    return is_localhost(host) ? HTTP_LOOPBACK : HTTP_ELSEWHERE;
}

enum http_place http_place_of(const char *url)
{
    CURLU *parts = parse(url);
    enum http_place place = HTTP_ELSEWHERE;
    char host[HTTP_HOST_SIZE];

    if (parts != NULL && url_part(parts, CURLUPART_HOST, host, sizeof host) == 0)
        place = place_of_host(host);
    if (parts != NULL)
        libcurl.url_cleanup(parts);
    return place;
}
