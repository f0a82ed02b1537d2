/*
 * A few groups, kept for a moment.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "nss_xacct/recent.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#include "common/deadline.h"

/* In memory of the library's own, so that there is nothing to free when it is unloaded. */
#define KEPT_MOST 64

static struct {
    pthread_mutex_t lock;
    struct asker asker;
    struct deadline until;
    size_t count;
    struct found_group items[KEPT_MOST];
} kept = {.lock = PTHREAD_MUTEX_INITIALIZER};

struct asker recent_asker(void)
{
    return (struct asker){.real = getuid(), .effective = geteuid()};
}

static bool is_same(struct asker a, struct asker b)
{
    return a.real == b.real && a.effective == b.effective;
}

/* Whether somebody else has started this program of root's. */
static bool is_setuid(struct asker asker)
{
    return asker.effective == 0 && asker.real != 0;
}

void recent_keep(const struct found_groups *groups, struct asker asker)
{
    const size_t count = groups->count < KEPT_MOST ? groups->count : KEPT_MOST;

    if (pthread_mutex_trylock(&kept.lock) != 0)
        return;
    kept.count = is_setuid(asker) ? 0 : count;
    if (kept.count > 0)
        memcpy(kept.items, groups->items, kept.count * sizeof *kept.items);
    kept.asker = asker;
    kept.until = deadline_in_ms(RECENT_MS);
    pthread_mutex_unlock(&kept.lock);
}

bool recent_find(gid_t gid, struct found_group *found)
{
    const struct asker asker = recent_asker();
    bool is_found = false;
    size_t i;

    if (pthread_mutex_trylock(&kept.lock) != 0)
        return false;
    if (is_same(asker, kept.asker) && deadline_left_ms(kept.until) > 0)
        for (i = 0; i < kept.count && !is_found; i++)
            if (kept.items[i].gid == gid) {
                *found = kept.items[i];
                is_found = true;
            }
    pthread_mutex_unlock(&kept.lock);
    return is_found;
}
