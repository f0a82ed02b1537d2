/*
 * Base credentials, by source.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/base.h"

#include <errno.h>

#include "helper/base_file.h"

static enum status fetch_from_file(const struct host *host, const struct base *base,
                                   struct credentials *credentials, struct outcome *outcome)
{
    char why[1024];
    int error =
        base_file_read(base->file, base->profile, host->group, credentials, why, sizeof why);

    if (error == 0)
        return STATUS_PERMITTED;
    /* Memory comes back and an editor finishes; all else stays wrong until somebody mends it. */
    return outcome_set(
        outcome, error == ENOMEM || error == EAGAIN ? STATUS_UNAVAILABLE : STATUS_MISCONFIGURED,
        "the base credentials of [base] at %s:%u: %s", base->at.file, base->at.line, why);
}

enum status base_fetch(const struct host *host, struct credentials *credentials,
                       struct outcome *outcome)
{
    static enum status (*const fetch[])(const struct host *, const struct base *,
                                        struct credentials *, struct outcome *) = {
        [BASE_FILE] = fetch_from_file,
    };
    const struct base *base = &host->policy->base;

    return fetch[base->source](host, base, credentials, outcome);
}
