/*
 * SSH public keys, as ssh-keygen writes them: TYPE BASE64. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_SSH_KEY_H
#define XACCT_POLICY_SSH_KEY_H

#include "policy/policy.h"

/*
 * Reads the key into ca->type, ca->key and ca->key_length; the bytes lie in `memory`. Returns NULL,
 * or what is wrong with it as a constant sentence; with memory exhausted, NULL and no key. Types
 * are ssh-ed25519 (RFC 8709), ecdsa-sha2-nistp256, -384 and -521 (RFC 5656), and ssh-rsa (RFC 4253)
 * of 2048 bits and more.
 */
const char *ssh_key_read(const char *text, struct arena *memory, struct ca *ca);

#endif
