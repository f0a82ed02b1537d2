/*
 * Signatures of SSH certification authorities: RFC 4253 and RFC 8332 (RSA), RFC 5656 (ECDSA),
 * RFC 8709 (Ed25519).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SSH_SIGNATURE_H
#define XACCT_HELPER_SSH_SIGNATURE_H

#include "common/ssh_wire.h"

/*
 * Checks that `signature` (its algorithm and its bytes, as in a certificate) is that of the public
 * key `key` over `text`. Keys are ssh-ed25519, ecdsa-sha2-nistp256, -384, -521 and ssh-rsa, the
 * last with SHA-2 alone. Returns NULL, or what is wrong, a constant phrase.
 */
const char *ssh_signature_fault(struct ssh_bytes key, struct ssh_bytes signature,
                                struct ssh_bytes text);

#endif
