/*
 * One call of STS, made as often as it is worth within its deadline. The one place that decides
 * whether STS is asked again: by the code of its answer, not by the HTTP status.
 * Source: AWS SDKs and Tools Reference Guide, "Retry behavior".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_STS_TRIES_H
#define XACCT_HELPER_STS_TRIES_H

#include "helper/limits.h"
#include "helper/outcome.h"
#include "helper/sts.h"
#include "policy/policy.h"

/* Whom to ask, and for whom. Texts stay the caller's. */
struct sts_tries {
    const struct policy *policy; /* endpoint, proxy, trust */
    const struct texts *regions; /* whose STS is asked, in this order */
    const char *signer;          /* as in struct sts */
    struct limits *limits;       /* or NULL */
    const struct identity
        *identity;           /* whom each try is counted for; not looked at without limits */
    struct outcome *outcome; /* takes notices */
};

/* The STS of `region` as the policy has it asked, signed with the credentials of `signer`. */
struct sts sts_of_policy(const struct policy *policy, const char *region, const char *signer);

/*
 * Makes `call`, signed with `base`, which is NULL for calls that are not signed.
 *
 * Within a region: what is throttled, failed or was not reached is tried again, four times in all,
 * after pauses of random length that grow; a signature that the clock spoilt once more by AWS's
 * clock, and a duration that is longer than the role allows once more with an hour, which is put
 * into *call and told in a notice. Then the next region is asked where this one did not answer,
 * each with its share of the time that is left.
 *
 * Returns as sts_assume_role; the failure is the last region's.
 */
int sts_try(const struct sts_tries *tries, const struct credentials *base,
            struct sts_assume_role *call, struct deadline deadline, struct sts_assumed *assumed,
            struct sts_failure *failure);

#endif
