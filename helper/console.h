/*
 * A sign-in URL for AWS's web console, from credentials of a role. Source: IAM User Guide, "Enable
 * custom identity broker access to the AWS console".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_CONSOLE_H
#define XACCT_HELPER_CONSOLE_H

#include "common/deadline.h"
#include "common/secret.h"
#include "helper/credentials.h"
#include "helper/outcome.h"

/* Where the federation endpoint is, and what to trust. Texts stay the caller's. */
struct console {
    const char *endpoint;  /* URL in place of the partition's own, or NULL; one without a path gets
                              AWS's, /federation */
    const char *ca_bundle; /* PEM file, or NULL for the system's store */
    const char *proxy;     /* URL, or NULL */
    const char *role_arn;  /* whose partition says which console */
    const char *region;    /* that the console opens in */
};

/*
 * Asks for a sign-in token (getSigninToken, by POST, so that no secret stands in a request line)
 * and makes the URL of it, a secret that is good for fifteen minutes and that the caller frees.
 * SessionDuration is never sent, as AWS refuses it for chained credentials. Needs http_start.
 * Returns PERMITTED; MISCONFIGURED or UNAVAILABLE with the reason in *outcome (partitions without a
 * federation endpoint say so). The body of an answer is never part of a reason, as it may repeat
 * what was sent.
 */
enum status console_url(const struct console *console, const struct credentials *credentials,
                        struct deadline deadline, struct secret *url, struct outcome *outcome);

#endif
