/*
 * The groups that a user is in, for getgrouplist(3) and initgroups(3).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>

#include "common/wire.h"
#include "nss_xacct/entry.h"
#include "nss_xacct/public.h"
#include "nss_xacct/recent.h"

/* libc's list of gids, which it frees. */
struct gids {
    long *count;
    long *size;
    gid_t **items;
    long limit; /* above which there may be none; none where it is not positive */
};

/* Adds one. Returns false with ENOMEM in *error when there is no memory. */
static bool add(const struct gids *gids, gid_t gid, int *error)
{
    long size = *gids->size > 0 ? 2 * *gids->size : 16;
    gid_t *items;

    if (gids->limit > 0 && *gids->count >= gids->limit)
        return true;
    if (*gids->count == *gids->size) {
        if (gids->limit > 0 && size > gids->limit)
            size = gids->limit;
        items = reallocarray(*gids->items, (size_t)size, sizeof *items);
        if (items == NULL) {
            *error = ENOMEM;
            return false;
        }
        *gids->items = items;
        *gids->size = size;
    }
    (*gids->items)[(*gids->count)++] = gid;
    return true;
}

enum nss_status _nss_xacct_initgroups_dyn(const char *user, gid_t primary, long *count, long *size,
                                          gid_t **items, long limit, int *error)
{
    const struct gids gids = {count, size, items, limit};
    const struct asker asker = recent_asker();
    enum nss_status status = NSS_STATUS_NOTFOUND;
    struct found_groups groups;
    size_t i;

    /* A question without a name would be one for all groups. */
    if (user[0] == '\0')
        return NSS_STATUS_NOTFOUND;
    ask_for_groups(WIRE_USER, user, &groups);
    recent_keep(&groups, asker);
    for (i = 0; i < groups.count && status != NSS_STATUS_TRYAGAIN; i++) {
        status = NSS_STATUS_SUCCESS;
        if (groups.items[i].gid != primary && !add(&gids, groups.items[i].gid, error))
            status = NSS_STATUS_TRYAGAIN;
    }
    found_groups_free(&groups);
    return status;
}
