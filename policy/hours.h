/*
 * The hours in which a grant holds. Inside policy/ only.
 *
 * They are compared with what clocks in their zone show: hours that are skipped when clocks are put
 * forward do not happen, and those that are passed twice when they are put back hold twice.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_HOURS_H
#define XACCT_POLICY_HOURS_H

#include <stdbool.h>
#include <time.h>

#include "policy/policy.h"
#include "policy/zone.h"

#define HOURS_DAY  (24 * 60)       /* minutes */
#define HOURS_WEEK (7 * HOURS_DAY) /* minutes */

/* Puts spans in order and joins those that touch or overlap. */
void hours_join(struct hours *hours);

/* Whether they hold at clock->now. */
bool hours_hold(const struct hours *hours, const struct zone_clock *clock);

/*
 * The first instant at which hours that hold now do so no more; 0 when there is no such instant,
 * and clock->known_until when it is later than that.
 */
time_t hours_end(const struct hours *hours, const struct zone_clock *clock);

#endif
