/*
 * What became of a request, in our words. Inside http*.c only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_HTTP_FAILURE_H
#define XACCT_HELPER_HTTP_FAILURE_H

#include "helper/libcurl.h"

#include "helper/http_options.h"

/*
 * The outcome of a transfer that ended with `code`; `response` says already whether a connection
 * stood, and `header_seen` whether anything of a response came.
 */
enum http_outcome http_outcome_of(CURLcode code, const struct http_response *response,
                                  bool header_seen);

/*
 * Writes why the transfer failed, from what libcurl said of it: to response->why. Where a proxy was
 * on the way it is named, without its user and password.
 */
void http_failure_explain(CURL *curl, const struct http_options *options, const char *said,
                          struct http_response *response);

#endif
