/*
 * CreateSession of IAM Roles Anywhere: what is sent, signed with an X.509 certificate, and what
 * comes back.
 * Source: IAM Roles Anywhere User Guide, "Signing process" and "CreateSession"; its API reference.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_ROLES_ANYWHERE_H
#define XACCT_HELPER_ROLES_ANYWHERE_H

#include <stddef.h>
#include <time.h>

#include "helper/credentials.h"
#include "helper/http.h"
#include "helper/sigv4.h"
#include "helper/x509_chain.h"
#include "policy/policy.h"

#define ROLES_ANYWHERE_CONTENT_TYPE "application/json"
#define ROLES_ANYWHERE_TO_SIGN_SIZE ((size_t)512)
#define ROLES_ANYWHERE_SCOPE_SIZE   ((size_t)128)

/* A request on its way. */
struct roles_anywhere {
    const struct x509_chain *chain;
    char *query;                /* encoded, in the order in which it is signed; owned */
    char *body;                 /* JSON; owned */
    char date[SIGV4_DATE_SIZE]; /* the X-Amz-Date header */
    char scope[ROLES_ANYWHERE_SCOPE_SIZE];
    char to_sign[ROLES_ANYWHERE_TO_SIGN_SIZE]; /* what the certificate's key signs, with SHA-256 */
};

/*
 * Prepares the request of `base` for the server `target`, whose path is the whole one, at `now`.
 * Returns 0; ENOMEM; EOVERFLOW when a text is too long or the year has not four digits; EIO when
 * OpenSSL fails. The caller ends with roles_anywhere_free in any case.
 */
int roles_anywhere_prepare(struct roles_anywhere *request, const struct base *base,
                           const struct x509_chain *chain, const struct http_target *target,
                           time_t now);

void roles_anywhere_free(struct roles_anywhere *request);

/* The Authorization header with this signature, "Name: value"; the caller frees it. NULL without
 * memory. */
char *roles_anywhere_authorization(const struct roles_anywhere *request,
                                   const unsigned char *signature, size_t length);

/*
 * Reads the answer to a request that succeeded. Returns 0 and fills *credentials, which the caller
 * frees; EBADMSG when it is none, with a sentence in `why` that never holds a value of a key;
 * ENOMEM.
 */
int roles_anywhere_read(const char *text, size_t length, struct credentials *credentials, char *why,
                        size_t why_size);

/* Copies the message of an answer to one that failed, escaped; empty where there is none. */
void roles_anywhere_read_error(const char *text, size_t length, char *message, size_t size);

#endif
