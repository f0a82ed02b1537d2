/*
 * What libcurl is told of a request, but for the functions that take the answer. Inside http*.c
 * only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_HTTP_OPTIONS_H
#define XACCT_HELPER_HTTP_OPTIONS_H

#include "helper/libcurl.h"

#include "helper/http.h"

/* A request as libcurl takes it; what it holds must stay while the handle lives. */
struct http_options {
    const struct http_request *request;
    struct curl_slist *headers;
    char *url;                       /* with the query, where there is one */
    struct curl_blob trusted;        /* what the ca_bundle holds, or empty */
    bool tunnels;                    /* through the proxy by CONNECT */
    bool bounds_connection;          /* by less than the whole transfer */
    char proxy_host[HTTP_HOST_SIZE]; /* of the proxy on the way, or empty */
};

/*
 * Sets *options and what they come to on a handle, for `left_ms` milliseconds. Returns NULL, or
 * what is wrong. The caller ends with http_options_free, after the handle, in either case.
 */
const char *http_options_set(struct http_options *options, CURL *curl,
                             const struct http_request *request, int left_ms);
void http_options_free(struct http_options *options);

#endif
