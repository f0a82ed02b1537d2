/*
 * AWS Signature Version 4 for a POST with a form body, on OpenSSL.
 * Source: AWS IAM User Guide, "Create a signed AWS API request".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SIGV4_H
#define XACCT_HELPER_SIGV4_H

#include <stddef.h>
#include <time.h>

#include "helper/credentials.h"

#define SIGV4_DATE_SIZE          sizeof "20260102T030405Z"
#define SIGV4_HASH_SIZE          (2 * (size_t)32 + 1)
#define SIGV4_AUTHORIZATION_SIZE ((size_t)512)

/* A request to be signed. Texts stay the caller's. */
struct sigv4_request {
    const char *host; /* as in the Host header: with the port unless it is the scheme's own */
    const char *path; /* "/" or an absolute path whose bytes need no escaping */
    const char *content_type;
    const char *body;
    size_t body_length;  /* bytes */
    const char *region;  /* of the credential scope */
    const char *service; /* of the credential scope: "sts" */
    time_t now;          /* seconds since 1970, UTC */
};

struct sigv4_signature {
    char date[SIGV4_DATE_SIZE];                   /* the X-Amz-Date header */
    char authorization[SIGV4_AUTHORIZATION_SIZE]; /* the Authorization header's value */
};

/*
 * Signs with `credentials`; where they have a session token, it is among the signed headers as
 * X-Amz-Security-Token, which the caller must send too. Every key derived on the way is wiped.
 * Returns 0; EIO when OpenSSL fails; ENOMEM when secret memory is full; EOVERFLOW when a text is
 * too long for the header or the year has not four digits.
 */
int sigv4_sign(const struct sigv4_request *request, const struct credentials *credentials,
               struct sigv4_signature *signature);

/*
 * Writes the SHA-256 of `length` bytes in hexadecimal, as it stands in what is signed. Returns 0,
 * or EIO when OpenSSL fails.
 */
int sigv4_hash(const void *bytes, size_t length, char hex[SIGV4_HASH_SIZE]);

/*
 * Writes an instant, seconds since 1970, as the X-Amz-Date header has it; its first eight bytes are
 * the day of a credential scope. Returns 0, or EOVERFLOW when the year has not four digits.
 */
int sigv4_date(time_t instant, char date[SIGV4_DATE_SIZE]);

#endif
