/*
 * The form of proofs.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "common/proof.h"

#include "common/wire.h"

const char *wire_proof_fault(const char *proof, size_t longest)
{
    const char *letter;

    for (letter = proof; *letter > ' ' && *letter <= '~'; letter++)
        ;
    if (*letter != '\0')
        return "holds white space or other than ASCII characters";
    if (letter - proof < WIRE_PROOF_MIN)
        return "is too short";
    return (size_t)(letter - proof) > longest ? "is too long" : NULL;
}
