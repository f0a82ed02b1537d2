/*
 * The URLs that a policy may name: policy/url.h, beside libcurl, which goes there:
 * helper/http.h.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "helper/http.h"
#include "helper/libcurl.h"
#include "policy/url.h"
#include "tests/fuzz/fuzz.h"

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc;
    (void)argv;
    fuzz_need(libcurl_load() == 0, "libcurl_load");
    return 0;
}

/* libcurl writes an IPv4 address in any form of inet_aton(3) as four numbers, and an IPv6 one in
 * its shortest. */
static bool is_same_host(const struct url *url, const char *host, size_t length)
{
    char ours[HTTP_HOST_SIZE], theirs[HTTP_HOST_SIZE];
    struct in_addr ipv4, other_ipv4;
    struct in6_addr ipv6, other_ipv6;
    bool bracket = host[0] == '[' && url->host[0] == '[';

    if (length == url->host_length && strncasecmp(host, url->host, length) == 0)
        return true;
    if (url->host_length >= sizeof ours || length >= sizeof theirs)
        return false;
    snprintf(ours, sizeof ours, "%.*s", (int)url->host_length - 2 * bracket, url->host + bracket);
    snprintf(theirs, sizeof theirs, "%.*s", (int)length - 2 * bracket, host + bracket);
    if (bracket)
        return inet_pton(AF_INET6, ours, &ipv6) == 1 &&
               inet_pton(AF_INET6, theirs, &other_ipv6) == 1 &&
               memcmp(&ipv6, &other_ipv6, sizeof ipv6) == 0;
    /* A dot at the end is the root's, which libcurl leaves out of an address. */
    if (ours[0] != '\0' && ours[strlen(ours) - 1] == '.')
        ours[strlen(ours) - 1] = '\0';
    return inet_aton(ours, &ipv4) != 0 && inet_pton(AF_INET, theirs, &other_ipv4) == 1 &&
           ipv4.s_addr == other_ipv4.s_addr;
}

/* Where libcurl would go is where the policy's reader saw that it goes. */
static void compare_hosts(const char *text, const struct url *url)
{
    char scheme[HTTP_SCHEME_SIZE], host[HTTP_HOST_SIZE];
    size_t host_length;
    struct http_target target;

    if (http_proxy_host(text, scheme, host) != 0)
        return;
    PROMISE(url->is_plain == (strcmp(scheme, "http") == 0));
    host_length = host[0] == '[' ? strcspn(host, "]") + 1 : strcspn(host, ":");
    PROMISE(is_same_host(url, host, host_length));
    PROMISE(fuzz_is_printable(host));
    if (http_target(text, &target) != 0)
        return;
    PROMISE(!url->has_user);
    PROMISE(strcmp(target.host, host) == 0 && target.path[0] == '/');
    PROMISE(!url_is_bare(url) || strcmp(target.path, "/") == 0);
    fuzz_accept();
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t length)
{
    char *text = fuzz_text(bytes, length);
    enum http_place place = http_place_of(text);
    struct url url;

    if (url_parse(text, &url)) {
        PROMISE(url.host > text && url.host_length > 0);
        PROMISE(url.path >= url.host + url.host_length && url.path <= text + strlen(text));
        compare_hosts(text, &url);
        /* Keys cross no network in the clear. */
        if (url_is_endpoint(text) && url.is_plain && length < HTTP_HOST_SIZE)
            PROMISE(place == HTTP_LOOPBACK);
    } else {
        PROMISE(!url_is_endpoint(text));
    }
    free(text);
    return 0;
}
