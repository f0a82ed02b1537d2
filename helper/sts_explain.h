/*
 * What a failed AssumeRole, or its like, comes to, and what an admin must do about it. Plain texts
 * in, plain texts out.
 * Source of the codes: AWS STS API reference, AssumeRole, AssumeRoleWithWebIdentity,
 * AssumeRoleWithSAML and Common Errors.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_STS_EXPLAIN_H
#define XACCT_HELPER_STS_EXPLAIN_H

#include <time.h>

#include "common/status.h"
#include "helper/sts.h"

/* What is known of a call besides its failure. Texts stay the caller's. */
struct sts_circumstances {
    const char *endpoint;
    const char *region;
    enum sts_action action;
    const char *role_arn;
    const char *signer;        /* as in struct sts */
    const char *access_key_id; /* of the base credentials; NULL where the call is not signed */
    time_t local;              /* this host's clock when it signed */
    time_t server;             /* the server's clock when it answered; 0 when it did not say */
};

/*
 * The kind of an error that STS named: by its code, with or without "Exception" at its end, and for
 * a signature by what the message says of the time. Only a code that is not known is judged by the
 * HTTP status: 5xx is transient, the rest refused.
 */
enum sts_kind sts_classify(const char *code, const char *message, long http_status);

/*
 * What a failed call means for whoever needs it: MISCONFIGURED where an admin has to act,
 * UNAVAILABLE where it may pass by itself, DENIED where the user's own proof is not accepted.
 */
enum status sts_failure_status(enum sts_kind kind);

/*
 * Writes failure->text from the failure's other fields, which must be set: what was asked of whom,
 * what came back (escaped), and what to do.
 */
void sts_explain(const struct sts_circumstances *circumstances, struct sts_failure *failure);

#endif
