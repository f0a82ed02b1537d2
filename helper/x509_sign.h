/*
 * Signing with the private key of a certificate, from a file.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_X509_SIGN_H
#define XACCT_HELPER_X509_SIGN_H

#include <stddef.h>
#include <sys/types.h>

#include "helper/x509_chain.h"

#define X509_SIGNATURE_MAX ((size_t)1024) /* bytes: RSA of 8192 bits */

/*
 * Signs `length` bytes with the key in the PEM file at `path`, which must be readable by the helper
 * alone (secret_file.h), not encrypted, and that of the certificate: SHA-256 with RSA PKCS#1 v1.5,
 * or with ECDSA, the signature then in ASN.1 DER. Returns 0 and sets *signature_length; EAGAIN when
 * the file is being written; ENOMEM; or another errno when it must be mended. Then a sentence in
 * `why` that names the file.
 */
int x509_sign(const char *path, gid_t group, const struct x509_chain *chain, const void *bytes,
              size_t length, unsigned char signature[X509_SIGNATURE_MAX], size_t *signature_length,
              char *why, size_t why_size);

/*
 * Whether the file at `path` holds a key with which x509_sign can sign, under other rules of owner
 * and mode (`largest` of the trust is set here), for a look at a file that the caller does not use.
 * Returns as x509_sign.
 */
int x509_check_key(const char *path, struct trust trust, const struct x509_chain *chain, char *why,
                   size_t why_size);

#endif
