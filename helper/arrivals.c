/*
 * Buckets that fill with time.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/arrivals.h"

#define NS_PER_S INT64_C(1000000000)

/* Takes one from the bucket that has room for all, `most`, at *free_at. Returns whether. */
static bool take(int64_t *free_at, int64_t most, int64_t per_second, struct deadline now)
{
    const int64_t each = NS_PER_S / per_second;
    int64_t from = *free_at > now.ns ? *free_at : now.ns;

    if (from + each > now.ns + most * each)
        return false;
    *free_at = from + each;
    return true;
}

/*
 * The uid's bucket. Who has room for all again is as one who never came, and leaves: those that are
 * left are so few that to look at each takes less than to accept a connection.
 */
static int64_t *bucket_of(struct arrivals *arrivals, uid_t uid, struct deadline now)
{
    struct arrivals_of *uids = arrivals->uids, *least = uids;
    size_t i = 0;

    while (i < arrivals->count) {
        if (uids[i].uid == uid)
            return &uids[i].free_at;
        if (uids[i].free_at <= now.ns) {
            uids[i] = uids[--arrivals->count];
            continue;
        }
        if (uids[i].free_at < least->free_at)
            least = &uids[i];
        i++;
    }
    if (arrivals->count < ARRIVALS_UIDS)
        least = &uids[arrivals->count++];
    *least = (struct arrivals_of){.uid = uid, .free_at = now.ns};
    return &least->free_at;
}

bool arrivals_take(struct arrivals *arrivals, uid_t uid, struct deadline now)
{
    return take(bucket_of(arrivals, uid, now), ARRIVALS_MOST, ARRIVALS_PER_SECOND, now);
}

bool arrivals_take_stranger(struct arrivals *arrivals, struct deadline now)
{
    return take(&arrivals->strangers_free_at, ARRIVALS_STRANGERS_MOST,
                ARRIVALS_STRANGERS_PER_SECOND, now);
}
