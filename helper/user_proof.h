/*
 * A role by `via`: assumed with the user's own word instead of the host's, that is with the token
 * or the SAML assertion that an SSO module left for the session at login. What it says is between
 * its issuer and STS; of all that the policy decides, nothing comes from it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_USER_PROOF_H
#define XACCT_HELPER_USER_PROOF_H

#include "common/secret.h"
#include "common/status.h"
#include "helper/saml.h"

struct progress;

/* What one call takes with it; empty for a role by the host's identity. */
struct user_proof {
    struct secret bytes; /* owned: the session may end, and lose its own, while STS is asked */
    char principal_arn[SAML_ARN_SIZE]; /* with SAML: the provider, as IAM knows it; or empty */
};

/*
 * Where the role in question is by `via`, takes the proof of the request or, in a user's request,
 * of the session that serves it, into progress->proof, and makes progress->call.parameters a call
 * with it: action, proof and principal_arn, and without what that action does not take (source
 * identity, external id, tags; with SAML the session's name), so that what is left is what is sent.
 * No base credentials are needed then. For another role nothing is done. To be called after
 * role_call_make, before sts_assume_role and before the key for the cache is made, which must
 * contain the proof.
 *
 * Returns PERMITTED; DENIED when there is no such proof, or the assertion does not offer the role;
 * UNAVAILABLE without memory. Then with the reason, and a message for the user, in the outcome.
 */
enum status user_proof_prepare(struct progress *progress);

/* Tells the user, in the outcome's message, what to do after STS has not accepted their proof. */
void user_proof_refused(struct progress *progress);

/*
 * Keeps what a login came with for the session that it has opened, where the service does so: a
 * failure is logged, and means that a role by `via` cannot be renewed in it.
 */
void user_proof_keep(struct progress *progress);

/*
 * What the policy calls the kind of proof that the role in question is assumed with, a constant; or
 * NULL for the host's identity, and without a role.
 */
const char *user_proof_via(const struct progress *progress);

/* Wipes and frees it; it is empty afterwards. */
void user_proof_free(struct user_proof *proof);

#endif
