/*
 * Looking up users.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/identity_user.h"

#include "common/escape.h"

enum status identity_find_user(struct host *host, const struct request *request, const char *name,
                               struct identity *identity, struct outcome *outcome)
{
    char shown[ESCAPE_MAX], why[1024];
    enum lookup_outcome found =
        name[0] != '\0'
            ? lookup_user(host->lookup, name, request->deadline, &identity->user, why, sizeof why)
            : lookup_uid(host->lookup, request->peer.uid, request->deadline, &identity->user, why,
                         sizeof why);

    switch (found) {
    case LOOKUP_UNANSWERED:
        return outcome_set(outcome, STATUS_UNAVAILABLE, "%s", why);
    case LOOKUP_NOT_FOUND:
        /* Whoever called us found this user, so a source of theirs is missing here. */
        return outcome_set(
            outcome, STATUS_UNAVAILABLE,
            "NSS knows no user %s in the helper's process: does a source in "
            "nsswitch.conf answer root alone, or need files that the sandbox closes?",
            escape(shown, sizeof shown, name));
    case LOOKUP_FOUND:
        break;
    }
    if (identity->user.uid == UID_OVERFLOW)
        return outcome_set(outcome, STATUS_UNMANAGED,
                           "uid %u is the one that users of another user namespace (a container) "
                           "all seem to have: it is nobody's",
                           UID_OVERFLOW);
    if (!policy_is_managed(host->policy, identity->user.uid))
        return outcome_set(outcome, STATUS_UNMANAGED, "uid %u is below minimum_uid %u",
                           (unsigned)identity->user.uid, (unsigned)host->policy->minimum_uid);
    return STATUS_PERMITTED;
}
