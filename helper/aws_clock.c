/*
 * AWS's clock, as a difference to this host's.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/aws_clock.h"

#include <stdlib.h>

#include "helper/log.h"

#define FORGIVEN 240 /* seconds; AWS SDKs correct from here on, well inside its five minutes */

static long known_ahead;

time_t aws_clock_now(void)
{
    return time(NULL) + known_ahead;
}

long aws_clock_ahead(void)
{
    return known_ahead;
}

bool aws_clock_learn(long ahead)
{
    if (labs(ahead - known_ahead) < FORGIVEN)
        return false;
    known_ahead = ahead;
    log_warning(
        "AWS's clock is %ld s %s this host's: requests are signed by AWS's from now on. Set "
        "this host's clock, and keep it by NTP",
        labs(ahead), ahead >= 0 ? "ahead of" : "behind");
    return true;
}
