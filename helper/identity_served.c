/*
 * The human in whose session a user's request is served.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "helper/identity_certificate.h"
#include "helper/identity_user.h"
#include "helper/session_record.h"

/* What the record says of the login. */
static void take_record(const struct policy *policy, const struct session_record *record,
                        struct identity *identity)
{
    identity->typed = record->typed != NULL ? record->typed : record->user;
    identity->source = identity_source_from_name(record->source);
    if (identity->source == IDENTITY_SOURCES)
        identity->source = IDENTITY_USER;
    identity->methods = record->auth;
    identity->auth = record->auth_known ? &identity->methods : NULL;
    identity->certificate_unknown = !record->auth_known && policy->ca_count > 0;
}

/* The Unix user behind the session. Records of version 0.1 had it only as the human. */
static const char *opener_of(const struct session_record *record)
{
    if (record->opener != NULL || record->source == NULL ||
        strcmp(record->source, identity_source_name(IDENTITY_LOGINUID)) != 0 ||
        strcmp(record->human, record->user) == 0)
        return record->opener;
    return record->human;
}

/* Looks up who is behind a session that su or sudo opened: denies are about them too. */
static enum status find_opener(struct host *host, const struct request *request, const char *opener,
                               struct identity *identity, struct outcome *outcome)
{
    char why[1024];

    switch (
        lookup_user(host->lookup, opener, request->deadline, &identity->opener, why, sizeof why)) {
    case LOOKUP_FOUND:
        return STATUS_PERMITTED;
    case LOOKUP_UNANSWERED:
        return outcome_set(outcome, STATUS_UNAVAILABLE, "%s", why);
    default:
        return outcome_set(outcome, STATUS_DENIED,
                           "NSS does not know the user any more who is behind the session");
    }
}

enum status identify_served(struct host *host, const struct request *request,
                            const struct session_record *record, struct identity *identity,
                            struct outcome *outcome)
{
    const char *opener;
    enum status status;

    memset(identity, 0, sizeof *identity);
    take_record(host->policy, record, identity);
    status = identity_find_user(host, request, record->user, identity, outcome);
    if (status != STATUS_PERMITTED)
        return status;
    if (identity->user.uid != request->peer.uid)
        return outcome_set(outcome, STATUS_DENIED,
                           "the session's user is uid %u now, and uid %u asks",
                           (unsigned)identity->user.uid, (unsigned)request->peer.uid);
    if (record->authority_key != NULL) {
        status = identity_from_record(host->policy, record, identity, outcome);
        if (status != STATUS_PERMITTED)
            return status;
    }
    /* A session keeps its human, whatever the Unix user's name is. */
    identity->human = record->human;
    opener = opener_of(record);
    return opener != NULL ? find_opener(host, request, opener, identity, outcome)
                          : STATUS_PERMITTED;
}
