/*
 * All groups, one after the other: root sees those of the policy, everybody else their own.
 *
 * getgrent(3) is one walk for the whole process, as libc has it. The list is fetched once a walk;
 * the lock is held for moments and never while the service is asked.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <pthread.h>
#include <stdbool.h>

#include "nss_xacct/entry.h"
#include "nss_xacct/public.h"

static struct {
    pthread_mutex_t lock;
    bool begun;
    struct found_groups groups;
    size_t next;
} walk = {.lock = PTHREAD_MUTEX_INITIALIZER};

/* Puts another list in the place of the one that there is. */
static void replace(struct found_groups groups, bool begun)
{
    struct found_groups old;

    pthread_mutex_lock(&walk.lock);
    old = walk.groups;
    walk.groups = groups;
    walk.next = 0;
    walk.begun = begun;
    pthread_mutex_unlock(&walk.lock);
    found_groups_free(&old);
}

static bool has_begun(void)
{
    bool begun;

    pthread_mutex_lock(&walk.lock);
    begun = walk.begun;
    pthread_mutex_unlock(&walk.lock);
    return begun;
}

enum nss_status _nss_xacct_setgrent(int stays_open)
{
    struct found_groups groups;

    (void)stays_open;
    ask_for_groups(NULL, NULL, &groups);
    replace(groups, true);
    return NSS_STATUS_SUCCESS;
}

enum nss_status _nss_xacct_endgrent(void)
{
    replace((struct found_groups){NULL, 0}, false);
    return NSS_STATUS_SUCCESS;
}

enum nss_status _nss_xacct_getgrent_r(struct group *entry, char *buffer, size_t size, int *error)
{
    enum nss_status status = NSS_STATUS_NOTFOUND;

    if (!has_begun())
        _nss_xacct_setgrent(0);
    pthread_mutex_lock(&walk.lock);
    if (walk.next < walk.groups.count) {
        status = entry_fill(&walk.groups.items[walk.next], entry, buffer, size, error);
        /* What did not fit comes again. */
        walk.next += status == NSS_STATUS_SUCCESS;
    }
    pthread_mutex_unlock(&walk.lock);
    return status;
}
