/*
 * What became of a request.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/http_failure.h"

#include <stdio.h>

static const struct {
    CURLcode code;
    enum http_outcome outcome;
} outcomes[] = {
    {CURLE_OK, HTTP_ANSWERED},
    {CURLE_OPERATION_TIMEDOUT, HTTP_TIMED_OUT},
    {CURLE_COULDNT_RESOLVE_HOST, HTTP_UNREACHABLE},
    {CURLE_COULDNT_RESOLVE_PROXY, HTTP_UNREACHABLE},
    {CURLE_COULDNT_CONNECT, HTTP_UNREACHABLE},
    {CURLE_PROXY, HTTP_UNREACHABLE},
    {CURLE_SSL_CONNECT_ERROR, HTTP_UNREACHABLE},
    {CURLE_SEND_ERROR, HTTP_UNREACHABLE},
    {CURLE_RECV_ERROR, HTTP_UNREACHABLE},
    {CURLE_GOT_NOTHING, HTTP_UNREACHABLE},
    {CURLE_PEER_FAILED_VERIFICATION, HTTP_UNTRUSTED},
    {CURLE_SSL_CACERT_BADFILE, HTTP_UNTRUSTED},
    {CURLE_SSL_ISSUER_ERROR, HTTP_UNTRUSTED},
    {CURLE_FILESIZE_EXCEEDED, HTTP_TOO_LARGE},
    {CURLE_PARTIAL_FILE, HTTP_TRUNCATED},
    {CURLE_WEIRD_SERVER_REPLY, HTTP_GARBLED},
    {CURLE_BAD_CONTENT_ENCODING, HTTP_GARBLED},
    /* Not the URL's scheme, which is looked at before: libcurl says this of HTTP/0.9 as well. */
    {CURLE_UNSUPPORTED_PROTOCOL, HTTP_GARBLED},
};

enum http_outcome http_outcome_of(CURLcode code, const struct http_response *response,
                                  bool header_seen)
{
    enum http_outcome outcome = HTTP_FAILED;
    size_t i;

    for (i = 0; i < sizeof outcomes / sizeof *outcomes; i++)
        if (outcomes[i].code == code)
            outcome = outcomes[i].outcome;
    /* A connection that breaks under way says the same as one that never was. */
    if (outcome == HTTP_UNREACHABLE && response->connected && header_seen)
        outcome = HTTP_TRUNCATED;
    return outcome;
}

/* What to do about a status that a proxy answers CONNECT with. */
static const char *advice(long status)
{
    switch (status) {
    case 401:
    case 407:
        return "it wants a user and a password, or others: write them into `proxy =`";
    case 403:
    case 405:
        return "its rules are against it: have whoever runs it permit this host and port";
    case 429:
        return "it is asked too often";
    default:
        return status >= 500 ? "it could not reach the server itself: see its log"
                             : "see its log, and that `proxy =` names a proxy";
    }
}

void http_failure_explain(CURL *curl, const struct http_options *options, const char *said,
                          struct http_response *response)
{
    const char *proxy = options->proxy_host;
    long status = 0;

    libcurl.easy_getinfo(curl, CURLINFO_HTTP_CONNECTCODE, &status);
    if (proxy[0] == '\0')
        snprintf(response->why, sizeof response->why, "%s", said);
    else if (!response->connected)
        snprintf(response->why, sizeof response->why,
                 "the proxy %s is not reached: %s; see that it runs, and `proxy =`", proxy, said);
    else if (status / 100 > 2)
        snprintf(response->why, sizeof response->why,
                 "the proxy %s does not open the way: it answered CONNECT with status %ld; %s",
                 proxy, status, advice(status));
    else if (options->tunnels && status == 0)
        snprintf(response->why, sizeof response->why,
                 "the proxy %s did not open the way: %s; see that it is well, and its log", proxy,
                 said);
    else if (response->outcome == HTTP_UNTRUSTED)
        snprintf(response->why, sizeof response->why,
                 "%s; this came through the proxy %s: where that opens TLS, `ca_bundle =` must "
                 "hold its CA",
                 said, proxy);
    else
        snprintf(response->why, sizeof response->why, "%s; this went through the proxy %s", said,
                 proxy);
}
