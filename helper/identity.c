/*
 * From a PAM user to a human.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/identity.h"

#include <string.h>

#include "common/escape.h"

enum status identify(struct host *host, const struct request *request, struct identity *identity,
                     struct outcome *outcome)
{
    char shown[ESCAPE_MAX], why[1024];

    memset(identity, 0, sizeof *identity);
    switch (lookup_user(host->lookup, request->user, request->deadline, &identity->user, why,
                        sizeof why)) {
    case LOOKUP_UNANSWERED:
        return outcome_set(outcome, STATUS_UNAVAILABLE, "%s", why);
    case LOOKUP_NOT_FOUND:
        /* Whoever called us found this user, so a source of theirs is missing here. */
        return outcome_set(
            outcome, STATUS_UNAVAILABLE,
            "NSS knows no user %s in the helper's process: does a source in "
            "nsswitch.conf answer root alone, or need files that the sandbox closes?",
            escape(shown, sizeof shown, request->user));
    case LOOKUP_FOUND:
        break;
    }
    if (identity->user.uid == 0 || identity->user.uid < host->policy->minimum_uid)
        return outcome_set(outcome, STATUS_UNMANAGED, "uid %u is below minimum_uid %u",
                           (unsigned)identity->user.uid, (unsigned)host->policy->minimum_uid);
    identity->human = identity->user.name;
    return STATUS_PERMITTED;
}
