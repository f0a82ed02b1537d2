/*
 * What an SSO module above us in the stack has left for the session in the PAM environment: the
 * user's own token or SAML assertion, for roles that are assumed with it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <security/pam_ext.h>
#include <string.h>
#include <syslog.h>

#include "common/proof.h"
#include "pam_xacct/internal.h"

static const struct {
    const char *name; /* in the PAM environment */
    const char *key;  /* on the wire */
    size_t longest;
} proofs[] = {
    {"XACCT_WEB_IDENTITY_TOKEN", WIRE_WEB_IDENTITY_TOKEN, WIRE_WEB_IDENTITY_TOKEN_MAX},
    {"XACCT_SAML_ASSERTION", WIRE_SAML_ASSERTION, WIRE_SAML_ASSERTION_MAX},
};

int proof_add(struct frame *request, const struct call *call)
{
    size_t i;

    for (i = 0; i < sizeof proofs / sizeof *proofs; i++) {
        const char *proof = pam_getenv(call->pamh, proofs[i].name), *fault;
        int error = 0;

        if (proof == NULL)
            continue;
        fault = wire_proof_fault(proof, proofs[i].longest);
        if (fault == NULL)
            error = frame_add(request, proofs[i].key, proof);
        if (error == ENOBUFS)
            fault = "does not fit into a request with what else is known of the login";
        else if (error != 0)
            return error;
        /* Roles that need none are to be had all the same; of the others the helper says it. */
        if (fault != NULL)
            pam_syslog(call->pamh, LOG_WARNING,
                       "%s, which has %zu bytes of at most %zu, is left out: it %s "
                       "[reference %s]",
                       proofs[i].name, strlen(proof), proofs[i].longest, fault, call->reference);
    }
    return 0;
}

void proof_remove(pam_handle_t *pamh)
{
    size_t i;

    for (i = 0; i < sizeof proofs / sizeof *proofs; i++)
        environment_remove(pamh, proofs[i].name);
}
