/*
 * Taking URLs apart: RFC 3986, as far as servers of ours and of AWS go.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/url.h"

#include <arpa/inet.h>
#include <string.h>

#include "policy/values.h"

#define DIGITS     "0123456789"
#define HEX_DIGITS DIGITS "abcdefABCDEF"
#define HOST_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz" DIGITS ".-"

/* How many bytes of the text are a host, with brackets where it is an IPv6 address. */
static size_t host_length(const char *text)
{
    size_t length;

    if (*text != '[')
        return strspn(text, HOST_BYTES);
    length = strspn(text + 1, HEX_DIGITS ":.");
    return length > 0 && text[1 + length] == ']' ? length + 2 : 0;
}

/* Moves *text past the :PORT that it may begin with. Returns false when that is no port. */
static bool skip_port(const char **text)
{
    static const struct unit no_unit[] = {{"", 1}, {NULL, 0}};
    size_t length;
    char port[6];
    long number;

    if (**text != ':')
        return true;
    length = strspn(++*text, DIGITS);
    if (length >= sizeof port)
        return false;
    memcpy(port, *text, length);
    port[length] = '\0';
    *text += length;
    return value_number(port, no_unit, 1, 65535, &number);
}

bool url_parse(const char *text, struct url *url)
{
    const char *at;
    size_t i;

    for (i = 0; text[i] != '\0'; i++)
        if (text[i] <= ' ' || text[i] > '~' || text[i] == '#')
            return false;
    *url = (struct url){.is_plain = strncmp(text, "http://", 7) == 0};
    if (!url->is_plain && strncmp(text, "https://", 8) != 0)
        return false;
    text += url->is_plain ? 7 : 8;
    at = text + strcspn(text, "/?@");
    url->has_user = *at == '@';
    url->host = url->has_user ? at + 1 : text;
    url->host_length = host_length(url->host);
    url->path = url->host + url->host_length;
    return url->host_length > 0 && skip_port(&url->path) &&
           (*url->path == '\0' || *url->path == '/');
}

bool url_has_host(const struct url *url, const char *host)
{
    return strlen(host) == url->host_length && strncmp(url->host, host, url->host_length) == 0;
}

bool url_is_loopback(const struct url *url)
{
    char host[INET_ADDRSTRLEN] = "";
    struct in_addr address;

    if (url_has_host(url, "[::1]"))
        return true;
    if (url->host_length < sizeof host)
        memcpy(host, url->host, url->host_length);
    return inet_pton(AF_INET, host, &address) == 1 &&
           ntohl(address.s_addr) >> IN_CLASSA_NSHIFT == IN_LOOPBACKNET;
}

bool url_is_bare(const struct url *url)
{
    return *url->path == '\0' || strcmp(url->path, "/") == 0;
}

bool url_is_endpoint(const char *text)
{
    struct url url;

    return url_parse(text, &url) && !url.has_user && url_is_bare(&url) &&
           /* What STS answers are keys: they cross no network in the clear. */
           (!url.is_plain || url_is_loopback(&url) || url_has_host(&url, "localhost"));
}
