/*
 * That a human was revoked, and when, in a file beside the records of sessions: so that a login
 * which is under way at that moment, in whichever process of the helper, gets nothing by it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_REVOCATION_H
#define XACCT_HELPER_REVOCATION_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "helper/host.h"

/* Longer than any request takes; what is older says nothing, and is removed. */
#define REVOCATION_SECONDS 300

/*
 * Writes down that `human` is revoked now, and removes what is too old. To be called before the
 * human's sessions are looked for. Returns 0, or an errno with a sentence in `why`.
 */
int revocation_note(const struct host *host, const char *human, char *why, size_t why_size);

/*
 * Whether `human` has been revoked since `begun` (CLOCK_REALTIME). To be called once a session is
 * recorded. Returns 0, or an errno with a sentence in `why` where that cannot be read: they may
 * have been then.
 */
int revocation_since(const struct host *host, const char *human, const struct timespec *begun,
                     bool *revoked, char *why, size_t why_size);

#endif
