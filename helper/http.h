/*
 * One HTTP request through libcurl: http and https alone, TLS always verified, no redirect, no
 * netrc, no proxy but the one it is told, bounded in time and size. Nothing of it is taken from the
 * environment: no proxy, no exception from one, no trust store, no file to log TLS keys to.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_HTTP_H
#define XACCT_HELPER_HTTP_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "common/deadline.h"
#include "common/secret.h"

#define HTTP_HEADERS_MAX ((size_t)8)

enum http_method { HTTP_POST, HTTP_GET, HTTP_PUT };

/* What is sent. Texts stay the caller's. */
struct http_request {
    enum http_method method;
    const char *url;
    const char *query; /* to be put behind the URL and a '?', encoded already; or NULL */
    const char *headers[HTTP_HEADERS_MAX]; /* "Name: value"; NULL ends them */
    const char *body;
    size_t body_length;    /* bytes */
    const char *ca_bundle; /* PEM file to trust in place of the system's store, or NULL */
    const char *proxy;     /* http or https URL of a proxy, or NULL; what http_place_of does not
                              find elsewhere is never asked through it. ca_bundle counts for it */
    int connect_ms;        /* for the connection to stand, where less than the deadline; or 0 */
    /* What has to be done before the request may be sent, if anything: it is called while the other
       side works on the handshake, where there is one. Returns NULL, or why nothing may be sent. */
    const char *(*get_ready)(void);
    size_t largest; /* bytes of a response's body; a larger one is a failure */
};

enum http_outcome {
    HTTP_ANSWERED,    /* a whole response arrived, of whatever status */
    HTTP_TIMED_OUT,   /* the deadline passed */
    HTTP_UNREACHABLE, /* no such host, refused, reset, not connected within connect_ms, or the proxy
                         did not open the way */
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
    bool connected;         /* a connection stood: what failed came after that */
    /* When not HTTP_ANSWERED: libcurl's own words, to be escaped; and where a proxy was on the way,
       its host and port, and what to do where it is the one that failed. */
    char why[512];
};

#define HTTP_SCHEME_SIZE (sizeof "https")
#define HTTP_HOST_SIZE   ((size_t)320) /* a DNS name or an address, ':', a port and NUL */
#define HTTP_PATH_SIZE   ((size_t)512)

/* What of a URL goes into a request, and but for the scheme into its signature. */
struct http_target {
    char scheme[HTTP_SCHEME_SIZE]; /* "http" or "https" */
    char host[HTTP_HOST_SIZE];     /* with the port unless it is the scheme's own */
    char path[HTTP_PATH_SIZE];     /* "/" when the URL has none */
};

/*
 * Takes an http or https URL apart. Returns 0, or EINVAL when it is none, or has a user, a query or
 * a fragment, or is too long.
 */
int http_target(const char *url, struct http_target *target);

/*
 * Takes the URL of a proxy apart, for showing it without the user and the password that it may
 * have: `host` is as in http_target. Returns 0, or EINVAL when it is no http or https URL.
 */
int http_proxy_host(const char *url, char scheme[HTTP_SCHEME_SIZE], char host[HTTP_HOST_SIZE]);

/* Where a server is, as far as its URL says. */
enum http_place {
    HTTP_ELSEWHERE,
    HTTP_LOOPBACK,        /* 127.0.0.0/8, ::1, localhost, and the unspecified address */
    HTTP_CONTAINER_AGENT, /* 169.254.170.2, 169.254.170.23, fd00:ec2::23: ECS, EKS pod identity */
    HTTP_LINK             /* the rest of 169.254.0.0/16, fe80::/10 and fd00:ec2::/32: the metadata
                             service of EC2 is there */
};

/*
 * Finds the place of an http or https URL's host, in whatever way libcurl lets an address be
 * written; an IPv4 address that is mapped into IPv6 is that IPv4 address. A host that is a name,
 * and a URL that is none, are elsewhere, but for localhost and what ends in .localhost.
 */
enum http_place http_place_of(const char *url);

/*
 * Puts a header together that holds a secret: `prefix`, "Name: ", and `value`. Returns 0 and
 * *header, whose bytes go into an http_request and which the caller frees; ENOMEM.
 */
int http_secret_header(const char *prefix, const struct secret *value, struct secret *header);

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
void http_perform(const struct http_request *request, struct deadline deadline,
                  struct http_response *response);

#endif
