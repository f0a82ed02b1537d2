/*
 * Which roles a SAML assertion offers. STS verifies it, we do not: nothing of it is believed but
 * the name of the identity provider that it must be handed to STS with, where a wrong one is
 * refused there.
 * Source: IAM User Guide, "Configure SAML assertions for the authentication response"; STS API
 * reference, AssumeRoleWithSAML.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SAML_H
#define XACCT_HELPER_SAML_H

#include <stddef.h>

#include "common/secret.h"

#define SAML_ARN_SIZE ((size_t)2049) /* STS API reference: an ARN has 2048 characters at most */

/*
 * Finds in `assertion`, a response or an assertion in Base64, the provider that offers `role_arn`:
 * the other ARN of the pair in a value of the attribute
 * https://aws.amazon.com/SAML/Attributes/Role, in either order. Returns 0 and sets `provider`;
 * ENOENT when it does not offer the role; EBADMSG when it is not Base64 of an XML document without
 * DTD, or is too large; ENOMEM. Then a sentence in `why`, with nothing of the assertion but the
 * ARNs of roles, escaped.
 */
int saml_provider(const struct secret *assertion, const char *role_arn,
                  char provider[SAML_ARN_SIZE], char *why, size_t why_size);

#endif
