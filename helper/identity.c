/*
 * From a PAM user to a human.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/identity.h"

#include <errno.h>
#include <string.h>
#include <time.h>

#include "common/escape.h"
#include "helper/identity_certificate.h"
#include "helper/log.h"
#include "helper/session_record.h"

#define SSHD "sshd"

/* What a module's request is identified by. */
struct asking {
    struct host *host;
    const struct request *request;
    struct auth_info info;
    bool is_sshd;
    const char *malformed; /* what is wrong with `info`, where that could not be read */
};

static enum status from_certificate(const struct asking *asking, struct identity *identity,
                                    struct outcome *outcome);
static enum status from_loginuid(const struct asking *asking, struct identity *identity,
                                 struct outcome *outcome);
static enum status from_user(const struct asking *asking, struct identity *identity,
                             struct outcome *outcome);

/*
 * Each returns PERMITTED, and sets identity->human where this source knows it; or the status that
 * ends the search, as who might be somebody else is not taken for the next best.
 */
static const struct {
    const char *name;
    enum status (*ask)(const struct asking *asking, struct identity *identity,
                       struct outcome *outcome);
} sources[IDENTITY_SOURCES] = {
    [IDENTITY_CERTIFICATE] = {"certificate", from_certificate},
    [IDENTITY_LOGINUID] = {"loginuid", from_loginuid},
    [IDENTITY_USER] = {"user", from_user},
};

const char *identity_source_name(enum identity_source source)
{
    return (unsigned)source < IDENTITY_SOURCES ? sources[source].name : "user";
}

enum identity_source identity_source_from_name(const char *name)
{
    unsigned source;

    for (source = 0; name != NULL && source < IDENTITY_SOURCES; source++)
        if (strcmp(sources[source].name, name) == 0)
            return (enum identity_source)source;
    return IDENTITY_SOURCES;
}

static enum status from_certificate(const struct asking *asking, struct identity *identity,
                                    struct outcome *outcome)
{
    const struct policy *policy = asking->host->policy;

    if (!asking->is_sshd || policy->ca_count == 0)
        return STATUS_PERMITTED;
    if (asking->malformed != NULL)
        return outcome_set(outcome, STATUS_DENIED,
                           "SSH_AUTH_INFO_0 is not as sshd writes it (%s): pam_xacct.so must stand "
                           "above pam_env in the stack, as users may set it there",
                           asking->malformed);
    if (identity->auth != NULL)
        return identity_from_certificate(policy, &asking->info, time(NULL), identity, outcome);
    identity->certificate_unknown = true;
    return STATUS_PERMITTED;
}

/* Whether a uid is one that roles are for. */
static bool is_managed(const struct policy *policy, uid_t uid)
{
    return uid != 0 && uid >= policy->minimum_uid;
}

static enum status from_loginuid(const struct asking *asking, struct identity *identity,
                                 struct outcome *outcome)
{
    const struct request *request = asking->request;
    struct host *host = asking->host;
    char why[1024];

    if (asking->is_sshd || !request->has_loginuid || !is_managed(host->policy, request->loginuid))
        return STATUS_PERMITTED;
    /* A uid may have several names, and that of the login is one of them. */
    if (request->loginuid == identity->user.uid) {
        identity->human = identity->user.name;
        return STATUS_PERMITTED;
    }
    switch (lookup_uid(host->lookup, request->loginuid, request->deadline, &identity->opener, why,
                       sizeof why)) {
    case LOOKUP_UNANSWERED:
        return outcome_set(outcome, STATUS_UNAVAILABLE, "%s", why);
    case LOOKUP_NOT_FOUND:
        return outcome_set(outcome, STATUS_UNAVAILABLE,
                           "NSS knows no user of the login uid %u, which says who is behind this",
                           (unsigned)request->loginuid);
    case LOOKUP_FOUND:
        break;
    }
    identity->human = identity->opener.name;
    return STATUS_PERMITTED;
}

static enum status from_user(const struct asking *asking, struct identity *identity,
                             struct outcome *outcome)
{
    (void)asking, (void)outcome;
    identity->human = identity->user.name;
    return STATUS_PERMITTED;
}

/* Looks up the user called `name`. */
static enum status find_user(struct host *host, const struct request *request, const char *name,
                             struct identity *identity, struct outcome *outcome)
{
    char shown[ESCAPE_MAX], why[1024];

    switch (lookup_user(host->lookup, name, request->deadline, &identity->user, why, sizeof why)) {
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
    if (!is_managed(host->policy, identity->user.uid))
        return outcome_set(outcome, STATUS_UNMANAGED, "uid %u is below minimum_uid %u",
                           (unsigned)identity->user.uid, (unsigned)host->policy->minimum_uid);
    return STATUS_PERMITTED;
}

/* How the login was authenticated, as far as that is known. Other services have no such methods. */
static enum status read_auth_info(struct asking *asking, struct identity *identity,
                                  struct outcome *outcome)
{
    const char *said = asking->is_sshd ? asking->request->auth_info : "";
    int error;

    if (said == NULL)
        return STATUS_PERMITTED;
    error = auth_info_read(said, &identity->memory, &asking->info, &asking->malformed);
    if (error == ENOMEM)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "out of memory reading SSH_AUTH_INFO_0");
    if (error != 0) {
        log_warning("reference %s: SSH_AUTH_INFO_0 is not as sshd writes it: %s",
                    asking->request->reference, asking->malformed);
        return STATUS_PERMITTED;
    }
    asking->malformed = NULL;
    identity->methods = asking->info.methods;
    identity->auth = &identity->methods;
    return STATUS_PERMITTED;
}

enum status identify(struct host *host, const struct request *request, struct identity *identity,
                     struct outcome *outcome)
{
    const struct policy *policy = host->policy;
    struct asking asking = {
        .host = host,
        .request = request,
        .is_sshd = strcmp(request->service, SSHD) == 0,
    };
    enum status status;
    size_t i;

    memset(identity, 0, sizeof *identity);
    identity->typed = request->user;
    status = find_user(host, request, request->user, identity, outcome);
    if (status == STATUS_PERMITTED)
        status = read_auth_info(&asking, identity, outcome);
    for (i = 0; status == STATUS_PERMITTED && identity->human == NULL && i < policy->identity_count;
         i++) {
        identity->source = policy->identity[i];
        status = sources[policy->identity[i]].ask(&asking, identity, outcome);
    }
    if (status == STATUS_PERMITTED && identity->human == NULL) {
        identity->is_nobody = true;
        identity->human = identity->user.name;
    }
    return status;
}

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
    identity->certificate_unknown = !record->auth_known && policy->ca_count > 0 &&
                                    record->service != NULL && strcmp(record->service, SSHD) == 0;
}

/* Looks up who is behind a session that su or sudo opened: denies are about them too. */
static enum status find_opener(struct host *host, const struct request *request, const char *human,
                               struct identity *identity, struct outcome *outcome)
{
    char why[1024];

    switch (
        lookup_user(host->lookup, human, request->deadline, &identity->opener, why, sizeof why)) {
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
    enum status status;

    memset(identity, 0, sizeof *identity);
    take_record(host->policy, record, identity);
    status = find_user(host, request, record->user, identity, outcome);
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
    if (identity->source == IDENTITY_LOGINUID && strcmp(record->human, record->user) != 0)
        return find_opener(host, request, record->human, identity, outcome);
    return STATUS_PERMITTED;
}

void identity_free(struct identity *identity)
{
    arena_free(&identity->memory);
    memset(identity, 0, sizeof *identity);
}
