/*
 * Deadlines on the monotonic clock.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "common/deadline.h"

#include <errno.h>
#include <limits.h>
#include <poll.h>
#include <time.h>

#define NS_PER_MS INT64_C(1000000)

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 * NS_PER_MS + now.tv_nsec;
}

struct deadline deadline_after(struct deadline instant, int64_t ms)
{
    return (struct deadline){instant.ns + ms * NS_PER_MS};
}

struct deadline deadline_in_ms(int64_t ms)
{
    return deadline_after((struct deadline){now_ns()}, ms > 0 ? ms : 0);
}

int deadline_left_ms(struct deadline deadline)
{
    int64_t left = deadline.ns - now_ns();

    if (left <= 0)
        return 0;
    left = (left + NS_PER_MS - 1) / NS_PER_MS;
    return left > INT_MAX ? INT_MAX : (int)left;
}

struct deadline deadline_earlier(struct deadline a, struct deadline b)
{
    return a.ns < b.ns ? a : b;
}

int deadline_wait(struct deadline deadline, int fd, short events)
{
    struct pollfd waited = {.fd = fd, .events = events};

    for (;;) {
        int left = deadline_left_ms(deadline);
        int ready = poll(&waited, 1, left);

        if (ready > 0)
            return 0;
        if (ready < 0 && errno != EINTR && errno != EAGAIN)
            return errno;
        if (left == 0)
            return ETIMEDOUT;
    }
}
