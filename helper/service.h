/*
 * The service: many requests at once on one thread, with what is kept between them.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SERVICE_H
#define XACCT_HELPER_SERVICE_H

#include "helper/folders.h"
#include "helper/host.h"

/*
 * Serves on the socket `listener` until SIGTERM or SIGINT, or until the service has to be started
 * anew (the policy names what its sandbox does not know, or processes that it needs have died);
 * then finishes what runs. To be called with the sandbox closed around `folders`; the signals must
 * be blocked. *host gets sessions, cache and limits for that time. Returns 0, or an errno after a
 * line in the log.
 */
int service_run(struct host *host, int listener, const char *config, const struct folders *folders);

#endif
