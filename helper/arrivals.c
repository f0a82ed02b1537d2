/*
 * Buckets that fill with time.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/arrivals.h"

#define NS_PER_S   INT64_C(1000000000)
#define NS_EACH    (NS_PER_S / ARRIVALS_PER_SECOND)
#define NS_OF_MOST (ARRIVALS_MOST * NS_EACH)

/* Multiplied by an odd number, uids beside each other fall far apart. */
static int64_t *bucket_of(struct arrivals *arrivals, uid_t uid)
{
    uint32_t hash = (uint32_t)uid * (arrivals->seed | 1);

    return &arrivals->free_at[(hash >> 16) % ARRIVALS_BUCKETS];
}

bool arrivals_take(struct arrivals *arrivals, uid_t uid, struct deadline now)
{
    int64_t *free_at = bucket_of(arrivals, uid);
    int64_t from = *free_at > now.ns ? *free_at : now.ns;

    if (from + NS_EACH > now.ns + NS_OF_MOST)
        return false;
    *free_at = from + NS_EACH;
    return true;
}
