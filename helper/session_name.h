/*
 * RoleSessionName and SourceIdentity: a person's identity in the 64 characters that STS takes.
 * Limits: STS API reference, AssumeRole: 2 to 64 of [A-Za-z0-9_+=,.@-]; a source identity must not
 * begin with "aws:", which the mapping cannot produce.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SESSION_NAME_H
#define XACCT_HELPER_SESSION_NAME_H

#include <stddef.h>

#define SESSION_NAME_MAX ((size_t)64)

/*
 * Maps `identity` (any bytes, not empty) byte by byte: what STS takes stays, the rest becomes '_'.
 * When that changed or shortened anything, when the identity has one character, or when it looks as
 * if it had been mapped (ends in '-' and 16 hexadecimal digits), '-' and the first 64 bits of the
 * SHA-256 of the original in hexadecimal are its end, so no two identities share a name.
 * Returns 0; EINVAL for an empty identity; EIO when OpenSSL fails.
 */
int session_name(const char *identity, char name[SESSION_NAME_MAX + 1]);

#endif
