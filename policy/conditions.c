/*
 * since, until, hours and detach.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/conditions.h"

#include <errno.h>
#include <stdlib.h>

#include "policy/hours.h"

int conditions_begin(struct conditions *conditions, const struct policy *policy,
                     const struct login *login)
{
    *conditions = (struct conditions){
        .policy = policy,
        .login = login,
        .clocks = calloc(policy->zones.count + 1, sizeof(struct zone_clock)),
    };
    return conditions->clocks != NULL ? 0 : ENOMEM;
}

void conditions_end(struct conditions *conditions)
{
    free(conditions->clocks);
}

/* The clock of the grant's hours, or NULL when its zone cannot be read. */
static const struct zone_clock *clock_of(struct conditions *conditions, const struct grant *grant)
{
    struct zone_clock *clock = &conditions->clocks[grant->hours.zone];
    const char *file = conditions->policy->zones.items[grant->hours.zone];

    if (clock->known_until == 0 && zone_look(file, conditions->login->now, clock) != 0) {
        conditions->unreadable_zone = file;
        return NULL;
    }
    return clock;
}

enum unmet conditions_unmet(struct conditions *conditions, const struct grant *grant)
{
    const struct login *login = conditions->login;
    const struct zone_clock *clock;

    if (grant->until.at != 0 && login->now >= grant->until.at)
        return UNMET_ENDED;
    if (login->now < grant->since.at)
        return UNMET_NOT_YET;
    if (login->ended && login->ended_for >= grant->detach)
        return UNMET_DETACHED;
    if (grant->hours.count > 0) {
        clock = clock_of(conditions, grant);
        if (clock == NULL || !hours_hold(&grant->hours, clock))
            return UNMET_HOURS;
    }
    return UNMET_NONE;
}

/* The earlier of two ends, of which 0 is none. */
static time_t earlier(time_t a, time_t b)
{
    return a == 0 || (b != 0 && b < a) ? b : a;
}

time_t conditions_met_until(struct conditions *conditions, const struct grant *grant)
{
    const struct login *login = conditions->login;
    time_t end = grant->until.at;
    const struct zone_clock *clock;

    if (login->ended)
        end = earlier(end, login->now + (grant->detach - login->ended_for));
    if (grant->hours.count > 0) {
        clock = clock_of(conditions, grant);
        if (clock != NULL)
            end = earlier(end, hours_end(&grant->hours, clock));
    }
    return end;
}
