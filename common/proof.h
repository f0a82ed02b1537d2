/*
 * What a user's token or SAML assertion must look like on the wire: one word for the module, which
 * leaves out what does not, and for the helper, which refuses it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_COMMON_PROOF_H
#define XACCT_COMMON_PROOF_H

#include <stddef.h>

/*
 * What is wrong with a proof of at least WIRE_PROOF_MIN and at most `longest` bytes of visible
 * ASCII, to follow "it": a constant, or NULL.
 */
const char *wire_proof_fault(const char *proof, size_t longest);

#endif
