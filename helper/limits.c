/*
 * The counts, in one list: only who is active now or was a short time ago stands in it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/limits.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define NS_PER_S INT64_C(1000000000)

static const struct {
    int64_t most;       /* at once, or in a full bucket */
    int64_t per_second; /* that come back; 0: those that are given back */
} bounds[LIMIT_COUNT] = {
    [LIMIT_CONNECTIONS] = {16, 0}, [LIMIT_STRANGERS] = {64, 0}, [LIMIT_REQUESTS] = {32, 0},
    [LIMIT_LOOK_UPS] = {4, 0},     [LIMIT_CALLS] = {120, 2},    [LIMIT_USES] = {600, 5},
    [LIMIT_REFUSALS] = {60, 1},    [LIMIT_OPENED] = {600, 2},
};

struct count {
    struct count *next;
    enum limit limit;
    int64_t taken;
    struct deadline since;        /* up to which what came back is reckoned in */
    unsigned long long kept_back; /* refusals, of which nobody has been told yet */
    char name[];
};

struct limits {
    struct count *first;
};

void limits_name(char name[LIMITS_NAME_SIZE], uid_t uid, bool has_session)
{
    if (has_session)
        snprintf(name, LIMITS_NAME_SIZE, "%u", (unsigned)uid);
    else
        strcpy(name, LIMITS_STRANGERS);
}

struct limits *limits_new(void)
{
    return calloc(1, sizeof(struct limits));
}

void limits_free(struct limits *limits)
{
    while (limits != NULL && limits->first != NULL) {
        struct count *count = limits->first;

        limits->first = count->next;
        free(count);
    }
    free(limits);
}

/* Reckons in what has come back since the last time. */
static void refill(struct count *count, struct deadline now)
{
    int64_t per_second = bounds[count->limit].per_second, back;

    if (per_second == 0 || now.ns <= count->since.ns)
        return;
    back = (now.ns - count->since.ns) / (NS_PER_S / per_second);
    count->since.ns += back * (NS_PER_S / per_second);
    count->taken = back < count->taken ? count->taken - back : 0;
    if (count->taken == 0)
        count->since = now;
}

/* The count of this name, after whoever has nothing taken or to tell any more has left the list. */
static struct count *find(struct limits *limits, enum limit limit, const char *name,
                          struct deadline now)
{
    struct count **place = &limits->first, *found = NULL;

    while (*place != NULL) {
        struct count *count = *place;

        refill(count, now);
        if (count->limit == limit && strcmp(count->name, name) == 0)
            found = count;
        else if (count->taken == 0 && count->kept_back == 0) {
            *place = count->next;
            free(count);
            continue;
        }
        place = &count->next;
    }
    return found;
}

bool limits_take(struct limits *limits, enum limit limit, const char *name, struct deadline now)
{
    struct count *count;

    if (limits == NULL)
        return true;
    count = find(limits, limit, name, now);
    if (count == NULL) {
        count = calloc(1, sizeof *count + strlen(name) + 1);
        if (count == NULL)
            return false;
        *count = (struct count){.next = limits->first, .limit = limit, .since = now};
        strcpy(count->name, name);
        limits->first = count;
    }
    if (count->taken >= bounds[limit].most) {
        count->kept_back += limit == LIMIT_REFUSALS;
        return false;
    }
    count->taken++;
    return true;
}

void limits_give(struct limits *limits, enum limit limit, const char *name)
{
    struct count *count;

    if (limits == NULL)
        return;
    for (count = limits->first; count != NULL; count = count->next)
        if (count->limit == limit && strcmp(count->name, name) == 0 && count->taken > 0) {
            count->taken--;
            return;
        }
}

unsigned long long limits_kept_back(struct limits *limits, const char *name)
{
    struct count *count = limits != NULL ? limits->first : NULL;
    unsigned long long kept_back = 0;

    for (; count != NULL; count = count->next)
        if (count->limit == LIMIT_REFUSALS && strcmp(count->name, name) == 0) {
            kept_back = count->kept_back;
            count->kept_back = 0;
        }
    return kept_back;
}
