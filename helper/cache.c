/*
 * The cache: chains of entries by the first byte of their key.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/cache.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "helper/policy_hash.h"
#include "helper/task.h"
#include "helper/text_hash.h"

#define CHAINS      256
#define SWEEP_AFTER 30 /* seconds between looks for credentials that have expired */

struct entry {
    struct entry *next;
    unsigned char key[CACHE_KEY_SIZE];
    uint64_t human; /* text_hash of in whose name; 0: in nobody's. Who fell together would
                       lose what there is together */
    struct sts_assumed assumed; /* its credentials are empty while there are none */
    struct deadline until;      /* they were asked for until then: no clock that is set, or learned
                                   from somebody who lies, makes them live longer */
    time_t refused;             /* when the call failed, if that stands: then `failure` is kept */
    time_t stands_for;          /* seconds */
    char refused_under[POLICY_HASH_SIZE];
    bool in_flight;
    bool is_dropped; /* what the call in flight brings is not kept */
    struct task_queue waiting;
    unsigned waiters;            /* tasks that still look at this entry */
    unsigned calls;              /* that have ended: tells those who waited which one is theirs */
    struct sts_failure *failure; /* of the last call, while somebody may have yet to hear of it */
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

    if (has_credentials(entry) || entry->in_flight || entry->waiters > 0 || entry->refused != 0)
        return false;
    *place = entry->next;
    entry_free(entry);
    return true;
}

/* Whether the call has failed a moment ago, and that stands; a clock that was set back ends it. */
static bool is_refused(const struct entry *entry, time_t now)
{
    return entry->refused != 0 && now >= entry->refused && now < entry->refused + entry->stands_for;
}

/* Whether the entry's credentials are those of a session that goes on. */
static bool lives(const struct entry *entry, time_t now)
{
    return has_credentials(entry) && entry->assumed.credentials.expiration > now &&
           (entry->assumed.asked == 0 || deadline_left_ms(entry->until) > 0);
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
            if (!lives(*place, now))
                credentials_free(&(*place)->assumed.credentials);
            if (!is_refused(*place, now))
                (*place)->refused = 0;
            if (!drop_if_idle(place))
                place = &(*place)->next;
        }
    }
}

/* Copies credentials and what is known of them. Returns whether there was memory. */
static bool copy(struct sts_assumed *to, const struct sts_assumed *from)
{
    *to = *from;
    return credentials_copy(&to->credentials, &from->credentials) == 0;
}

/* Whether the entry's credentials are what is wished for. */
static bool will_do(const struct entry *entry, const struct cache_wish *wish)
{
    time_t expiration = entry->assumed.credentials.expiration, needed = wish->min_life;

    if (entry->assumed.asked > 0 && needed >= entry->assumed.asked)
        needed = entry->assumed.asked / 2;
    return lives(entry, wish->now) && expiration - wish->now >= needed &&
           (wish->ends == 0 || expiration <= wish->ends);
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

/* A new entry in place of none; NULL without memory. */
static struct entry *make(const struct cache_wish *wish)
{
    struct entry *entry = calloc(1, sizeof *entry);

    if (entry == NULL)
        return NULL;
    memcpy(entry->key, wish->key, CACHE_KEY_SIZE);
    if (wish->human != NULL)
        entry->human = text_hash(wish->human);
    return entry;
}

/* The entry that is wished for, which is made if need be; NULL without memory. */
static struct entry *obtain(struct cache *cache, const struct cache_wish *wish)
{
    struct entry **place = find(cache, wish->key);

    if (*place == NULL)
        *place = make(wish);
    return *place;
}

bool cache_look(struct cache *cache, const struct cache_wish *wish, struct sts_assumed *assumed)
{
    const struct entry *entry = *find(cache, wish->key);

    return entry != NULL && will_do(entry, wish) && hand_out(cache, entry, assumed);
}

/* Tells again why the call failed a moment ago. */
static void tell_again(const struct entry *entry, time_t now, struct sts_failure *failure)
{
    size_t used;

    *failure = *entry->failure;
    used = strlen(failure->text);
    snprintf(failure->text + used, sizeof failure->text - used,
             " (so it was %lld s ago, and it is asked again in %lld s)",
             (long long)(now - entry->refused),
             (long long)(entry->refused + entry->stands_for - now));
}

enum cache_answer cache_enter(struct cache *cache, const struct cache_wish *wish,
                              struct deadline deadline, struct sts_assumed *assumed,
                              struct sts_failure *failure)
{
    bool fresh = wish->fresh;

    sweep(cache, wish->now);
    for (;;) {
        struct entry *entry = obtain(cache, wish);
        bool failed;

        if (entry == NULL)
            return CACHE_LEAD;
        if (!fresh && will_do(entry, wish) && hand_out(cache, entry, assumed))
            return CACHE_HIT;
        if (!entry->in_flight && is_refused(entry, wish->now) &&
            strcmp(entry->refused_under, wish->under) == 0) {
            tell_again(entry, wish->now, failure);
            return CACHE_FAILED;
        }
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

/* For how many seconds a failure stands; 0: for those alone who wait for the call. */
static time_t failure_stands_for(const struct cache_wish *wish, const struct sts_failure *failure)
{
    switch (failure->kind) {
    case STS_REFUSED:
        return CACHE_REFUSED_FOR;
    case STS_TIMED_OUT:
        return 0;
    default:
        return wish->failed_for;
    }
}

/* Keeps a failure that somebody has yet to hear of. */
static void keep_failure(struct entry *entry, const struct cache_wish *wish,
                         const struct sts_failure *failure)
{
    entry->stands_for = failure_stands_for(wish, failure);
    if (entry->waiters == 0 && entry->stands_for == 0)
        return;
    entry->failure = malloc(sizeof *failure);
    if (entry->failure == NULL)
        return;
    *entry->failure = *failure;
    entry->refused = entry->stands_for > 0 ? wish->now : 0;
    snprintf(entry->refused_under, sizeof entry->refused_under, "%s", wish->under);
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
    entry->refused = 0;
    if (assumed != NULL && !entry->is_dropped) {
        struct sts_assumed kept;

        credentials_free(&entry->assumed.credentials);
        if (copy(&kept, assumed)) {
            entry->assumed = kept;
            entry->until = deadline_in_ms(INT64_C(1000) * kept.asked);
        }
    } else if (assumed == NULL) {
        keep_failure(entry, wish, failure);
    }
    entry->is_dropped = false;
    task_wake_all(&entry->waiting);
    drop_if_idle(place);
}

void cache_drop(struct cache *cache, const char *human)
{
    const uint64_t dropped = text_hash(human);
    size_t i;

    for (i = 0; i < CHAINS; i++) {
        struct entry **place = &cache->chains[i];

        while (*place != NULL) {
            struct entry *entry = *place;

            if (entry->human == dropped) {
                credentials_free(&entry->assumed.credentials);
                entry->is_dropped = entry->in_flight;
            }
            if (!drop_if_idle(place))
                place = &(*place)->next;
        }
    }
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
