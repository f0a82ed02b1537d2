/*
 * One HTTP request through libcurl: http and https alone, TLS always verified, no redirect, no
 * netrc, no proxy from the environment, bounded in time and size.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_HTTP_H
#define XACCT_HELPER_HTTP_H

#include <stddef.h>
#include <time.h>

#include "common/deadline.h"
#include "common/secret.h"

#define HTTP_HEADERS_MAX ((size_t)8)

/* What is sent: a POST. Texts stay the caller's. */
struct http_request {
    const char *url;
    const char *headers[HTTP_HEADERS_MAX]; /* "Name: value"; NULL ends them */
    const char *body;
    size_t body_length;    /* bytes */
    const char *ca_bundle; /* PEM file to trust in place of the system's store, or NULL */
    size_t largest;        /* bytes of a response's body; a larger one is a failure */
};

enum http_outcome {
    HTTP_ANSWERED,    /* a whole response arrived, of whatever status */
    HTTP_TIMED_OUT,   /* the deadline passed */
    HTTP_UNREACHABLE, /* no such host, refused, reset */
    HTTP_UNTRUSTED,   /* the TLS certificate did not verify, or ca_bundle cannot be read */
    HTTP_TOO_LARGE,
    HTTP_TRUNCATED, /* the connection ended before the response did */
    HTTP_GARBLED,   /* what came is not HTTP */
    HTTP_FAILED     /* anything else: out of memory, an illegal URL */
};

struct http_response {
    enum http_outcome outcome;
    long status;            /* HTTP status, or 0 when none came */
    struct secret body;     /* when HTTP_ANSWERED; secret: it may hold credentials */
    char request_id[128];   /* header x-amzn-RequestId or x-amz-request-id, or empty */
    char content_type[128]; /* header Content-Type, or empty */
    time_t date;            /* header Date: the server's clock, or 0 */
    char why[256];          /* when not HTTP_ANSWERED: libcurl's own words */
};

#define HTTP_HOST_SIZE ((size_t)320) /* a DNS name or an address, ':', a port and NUL */
#define HTTP_PATH_SIZE ((size_t)512)

/* What of a URL goes into a request, and so into its signature. */
struct http_target {
    char host[HTTP_HOST_SIZE]; /* with the port unless it is the scheme's own */
    char path[HTTP_PATH_SIZE]; /* "/" when the URL has none */
};

/*
 * Takes an http or https URL apart. Returns 0, or EINVAL when it is none, or has a user, a query or
 * a fragment, or is too long.
 */
int http_target(const char *url, struct http_target *target);

/*
 * Starts and ends libcurl; starting again changes nothing. Start returns 0 or EIO. The process must
 * ignore SIGPIPE, which OpenSSL can raise, and overwrite what is freed (helper/wiping_free.c does):
 * libcurl frees its copies of the headers, a session token among them, and of the body as they are.
 */
int http_start(void);
void http_end(void);

/*
 * Performs the request, with a Host header as http_target gives it. In a task (helper/task.h) the
 * others have their turn meanwhile, and the connection is kept for the next request. Whatever
 * happens is in *response, whose body the caller frees with secret_free. Never returns later than
 * the deadline plus what one poll takes. Where no ca_bundle is named, the system's trust store is
 * its hashed folder /etc/ssl/certs, of which only the certificates that are needed are read, else
 * the bundle that libcurl was built with.
 */
void http_post(const struct http_request *request, struct deadline deadline,
               struct http_response *response);

#endif
