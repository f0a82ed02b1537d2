/*
 * The cache: chains of entries by the first byte of their key.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/cache.h"

#include <stdlib.h>
#include <string.h>

#include "helper/task.h"

#define CHAINS      256
#define SWEEP_AFTER 30 /* seconds between looks for credentials that have expired */

struct entry {
    struct entry *next;
    unsigned char key[CACHE_KEY_SIZE];
    struct sts_assumed assumed; /* its credentials are empty while there are none */
    bool in_flight;
    struct task_queue waiting;
    unsigned waiters;            /* tasks that still look at this entry */
    unsigned calls;              /* that have ended: tells those who waited which one is theirs */
    struct sts_failure *failure; /* of the last call, while somebody has yet to hear of it */
};

struct cache {
    struct entry *chains[CHAINS];
    const struct entry *copied; /* at this moment: what it is copied for must not cost it itself */
    time_t swept;
};

struct cache *cache_new(void)
{
    return calloc(1, sizeof(struct cache));
}

/* Frees an entry that is out of its chain. */
static void entry_free(struct entry *entry)
{
    credentials_free(&entry->assumed.credentials);
    free(entry->failure);
    free(entry);
}

void cache_free(struct cache *cache)
{
    size_t i;

    for (i = 0; cache != NULL && i < CHAINS; i++)
        while (cache->chains[i] != NULL) {
            struct entry *entry = cache->chains[i];

            cache->chains[i] = entry->next;
            entry_free(entry);
        }
    free(cache);
}

static bool has_credentials(const struct entry *entry)
{
    return entry->assumed.credentials.secret_access_key.bytes != NULL;
}

/* Where in the cache the entry of this key hangs, or would. */
static struct entry **find(struct cache *cache, const unsigned char *key)
{
    struct entry **place = &cache->chains[key[0]];

    while (*place != NULL && memcmp((*place)->key, key, CACHE_KEY_SIZE) != 0)
        place = &(*place)->next;
    return place;
}

/* Frees the entry at *place if nobody needs it any more. Returns whether it did. */
static bool drop_if_idle(struct entry **place)
{
    struct entry *entry = *place;

    if (has_credentials(entry) || entry->in_flight || entry->waiters > 0)
        return false;
    *place = entry->next;
    entry_free(entry);
    return true;
}

/* Wipes what has expired. */
static void sweep(struct cache *cache, time_t now)
{
    size_t i;

    if (now >= cache->swept && now < cache->swept + SWEEP_AFTER)
        return;
    cache->swept = now;
    for (i = 0; i < CHAINS; i++) {
        struct entry **place = &cache->chains[i];

        while (*place != NULL) {
            if (has_credentials(*place) && (*place)->assumed.credentials.expiration <= now)
                credentials_free(&(*place)->assumed.credentials);
            if (!drop_if_idle(place))
                place = &(*place)->next;
        }
    }
}

/* Copies credentials and what is known of them. Returns whether there was memory. */
static bool copy(struct sts_assumed *to, const struct sts_assumed *from)
{
    const struct credentials *source = &from->credentials;

    *to = *from;
    memset(&to->credentials, 0, sizeof to->credentials);
    if (secret_copy(&to->credentials.secret_access_key, source->secret_access_key.bytes,
                    source->secret_access_key.length) != 0 ||
        secret_copy(&to->credentials.session_token, source->session_token.bytes,
                    source->session_token.length) != 0) {
        credentials_free(&to->credentials);
        return false;
    }
    memcpy(to->credentials.access_key_id, source->access_key_id, sizeof source->access_key_id);
    to->credentials.expiration = source->expiration;
    return true;
}

/* Whether the entry's credentials are what is wished for. */
static bool will_do(const struct entry *entry, const struct cache_wish *wish)
{
    time_t expiration = entry->assumed.credentials.expiration;

    return has_credentials(entry) && expiration - wish->now >= wish->min_life &&
           expiration > wish->now && (wish->ends == 0 || expiration <= wish->ends);
}

/* Hands out a copy of the entry's credentials. Returns whether there was memory. */
static bool hand_out(struct cache *cache, const struct entry *entry, struct sts_assumed *assumed)
{
    bool copied;

    cache->copied = entry;
    copied = copy(assumed, &entry->assumed);
    cache->copied = NULL;
    return copied;
}

/* Waits for the call in flight. Returns whether it ended in time; *failed says how. */
static bool wait_for_call(struct cache *cache, struct entry *entry, struct deadline deadline,
                          struct sts_failure *failure, bool *failed)
{
    unsigned call = entry->calls + 1;
    struct entry **place;
    bool ended;

    entry->waiters++;
    ended = task_wait(&entry->waiting, deadline) == 0;
    entry->waiters--;
    *failed = ended && entry->calls == call && entry->failure != NULL &&
              entry->failure->kind != STS_TIMED_OUT;
    if (*failed)
        *failure = *entry->failure;
    place = find(cache, entry->key);
    if (*place == entry)
        drop_if_idle(place);
    return ended;
}

/* The entry of this key, which is made if need be; NULL without memory. */
static struct entry *obtain(struct cache *cache, const unsigned char *key)
{
    struct entry **place = find(cache, key);

    if (*place == NULL) {
        *place = calloc(1, sizeof **place);
        if (*place != NULL)
            memcpy((*place)->key, key, CACHE_KEY_SIZE);
    }
    return *place;
}

enum cache_answer cache_enter(struct cache *cache, const struct cache_wish *wish,
                              struct deadline deadline, struct sts_assumed *assumed,
                              struct sts_failure *failure)
{
    bool fresh = wish->fresh;

    sweep(cache, wish->now);
    for (;;) {
        struct entry *entry = obtain(cache, wish->key);
        bool failed;

        if (entry == NULL)
            return CACHE_LEAD;
        if (!fresh && will_do(entry, wish) && hand_out(cache, entry, assumed))
            return CACHE_HIT;
        if (!entry->in_flight) {
            entry->in_flight = true;
            return CACHE_LEAD;
        }
        if (!wait_for_call(cache, entry, deadline, failure, &failed))
            return CACHE_TIMED_OUT;
        if (failed)
            return CACHE_FAILED;
        /* What that call brought is fresh. */
        fresh = false;
    }
}

void cache_settle(struct cache *cache, const struct cache_wish *wish,
                  const struct sts_assumed *assumed, const struct sts_failure *failure)
{
    struct entry **place = find(cache, wish->key);
    struct entry *entry = *place;

    if (entry == NULL)
        return;
    entry->in_flight = false;
    entry->calls++;
    free(entry->failure);
    entry->failure = NULL;
    if (assumed != NULL) {
        struct sts_assumed kept;

        credentials_free(&entry->assumed.credentials);
        if (copy(&kept, assumed))
            entry->assumed = kept;
    } else if (entry->waiters > 0) {
        entry->failure = malloc(sizeof *failure);
        if (entry->failure != NULL)
            *entry->failure = *failure;
    }
    task_wake_all(&entry->waiting);
    drop_if_idle(place);
}

bool cache_reclaim(void *argument)
{
    struct cache *cache = argument;
    struct entry *first = NULL, *entry;
    size_t i;

    for (i = 0; i < CHAINS; i++)
        for (entry = cache->chains[i]; entry != NULL; entry = entry->next)
            if (has_credentials(entry) && entry != cache->copied &&
                (first == NULL ||
                 entry->assumed.credentials.expiration < first->assumed.credentials.expiration))
                first = entry;
    if (first == NULL)
        return false;
    credentials_free(&first->assumed.credentials);
    return true;
}
