/*
 * Which human a request is about.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_IDENTITY_H
#define XACCT_HELPER_IDENTITY_H

#include "helper/host.h"
#include "helper/outcome.h"
#include "helper/request.h"

struct identity {
    struct user user;  /* as NSS knows it */
    const char *human; /* points into this struct: it must not be copied */
};

/*
 * Looks up the request's user and takes the identity from it. Returns PERMITTED and fills
 * *identity; else the status, with the reason in *outcome: UNMANAGED below the policy's
 * minimum_uid, UNAVAILABLE
 * when NSS does not answer, or does not know whom the caller knows.
 */
enum status identify(struct host *host, const struct request *request, struct identity *identity,
                     struct outcome *outcome);

#endif
