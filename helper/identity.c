/*
 * From a PAM user to a human.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/identity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "common/escape.h"
#include "helper/certified_users.h"
#include "helper/identity_certificate.h"
#include "helper/identity_user.h"
#include "helper/log.h"
#include "helper/session_origin.h"

#define SSHD "sshd"

/* The length is WIRE_AUTH_INFO_MAX. */
static const char sshd_did_not_say[] =
    "the policy has a [ca], and sshd did not say how the login was authenticated (SSH_AUTH_INFO_0 "
    "is missing, empty or longer than 32 KiB): is sshd older than 7.8, or was pam_xacct.so updated "
    "under it? Then restart it";

/* What a module's request is identified by. */
struct asking {
    struct host *host;
    const struct request *request;
    struct auth_info info;
    bool is_sshd;
    const char *malformed; /* what is wrong with `info`, where that could not be read */
    bool has_opener;       /* another service's request, of a login uid that roles are for */
    const char *unsaid;    /* another service's: why it cannot be told which login that comes from,
                              or how it was authenticated; or NULL */
    uid_t unsaid_uid;      /* then: of which Unix user that login may be */
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
static enum status (*const ask_source[IDENTITY_SOURCES])(const struct asking *asking,
                                                         struct identity *identity,
                                                         struct outcome *outcome) = {
    [IDENTITY_CERTIFICATE] = from_certificate,
    [IDENTITY_LOGINUID] = from_loginuid,
    [IDENTITY_USER] = from_user,
};

const char *identity_source_name(enum identity_source source)
{
    return identity_source_names[(unsigned)source < IDENTITY_SOURCES ? source : IDENTITY_USER];
}

enum identity_source identity_source_from_name(const char *name)
{
    unsigned source;

    for (source = 0; name != NULL && source < IDENTITY_SOURCES; source++)
        if (strcmp(identity_source_names[source], name) == 0)
            return (enum identity_source)source;
    return IDENTITY_SOURCES;
}

/*
 * The human of the login that another service's request comes from, as far as that is one of a
 * certificate; or that nobody can tell whether it is.
 */
static enum status from_origin(const struct asking *asking, struct identity *identity,
                               struct outcome *outcome)
{
    const struct policy *policy = asking->host->policy;
    const struct session_record *origin = identity->origin;
    enum status status;

    if (origin != NULL && origin->authority_key != NULL) {
        status = identity_from_record(policy, origin, identity, outcome);
        identity->source = IDENTITY_CERTIFICATE;
        return status;
    }
    if (asking->unsaid == NULL || !identity_believes_certificates(policy))
        return STATUS_PERMITTED;
    identity->certificate_unknown = true;
    identity->unsaid = asking->unsaid;
    identity->auth = NULL;
    identity->nameless = asking->unsaid_uid != identity->user.uid ||
                         (asking->has_opener && asking->request->loginuid != identity->user.uid);
    return STATUS_PERMITTED;
}

static enum status from_certificate(const struct asking *asking, struct identity *identity,
                                    struct outcome *outcome)
{
    const struct policy *policy = asking->host->policy;

    if (!asking->is_sshd)
        return from_origin(asking, identity, outcome);
    if (policy->ca_count == 0)
        return STATUS_PERMITTED;
    if (asking->malformed != NULL)
        return outcome_set(outcome, STATUS_DENIED,
                           "SSH_AUTH_INFO_0 is not as sshd writes it (%s): pam_xacct.so must stand "
                           "above pam_env in the stack, as users may set it there",
                           asking->malformed);
    if (identity->auth != NULL)
        return identity_from_certificate(policy, &asking->info, time(NULL), identity, outcome);
    identity->certificate_unknown = true;
    identity->unsaid = sshd_did_not_say;
    identity->nameless = true;
    return STATUS_PERMITTED;
}

static enum status from_loginuid(const struct asking *asking, struct identity *identity,
                                 struct outcome *outcome)
{
    enum status status;

    if (asking->is_sshd)
        return STATUS_PERMITTED;
    /* The policy may ask this source first, and the login uid is the account's, not the person's.
     */
    status = from_origin(asking, identity, outcome);
    if (status != STATUS_PERMITTED || identity->human != NULL || !asking->has_opener)
        return status;
    /* A uid may have several names, and that of the login is one of them. */
    identity->human =
        identity->opener.name[0] != '\0' ? identity->opener.name : identity->user.name;
    return STATUS_PERMITTED;
}

static enum status from_user(const struct asking *asking, struct identity *identity,
                             struct outcome *outcome)
{
    (void)asking, (void)outcome;
    identity->human = identity->user.name;
    return STATUS_PERMITTED;
}

/* How the login was authenticated, as far as that is known. Other services have no such methods. */
static enum status read_auth_info(struct asking *asking, struct identity *identity,
                                  struct outcome *outcome)
{
    const char *said = asking->is_sshd ? asking->request->auth_info : "";
    int error;

    /* Nobody gets in by no method: sshd's own word, empty, says nothing. */
    if (said == NULL || (asking->is_sshd && said[0] == '\0'))
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

/* Nobody who is behind a request may be left out: unknown is as good as unanswered. */
static enum status status_of_lookup(enum lookup_outcome answer, const char *why,
                                    struct outcome *outcome)
{
    return answer == LOOKUP_FOUND ? STATUS_PERMITTED
                                  : outcome_set(outcome, STATUS_UNAVAILABLE, "%s", why);
}

/* Looks up the Unix user whom the login uid names, where it is not the request's own. */
static enum status find_opener(const struct asking *asking, struct identity *identity,
                               struct outcome *outcome)
{
    const struct request *request = asking->request;
    enum lookup_outcome answer;
    char why[1024];

    if (request->loginuid == identity->user.uid)
        return STATUS_PERMITTED;
    answer = lookup_uid(asking->host->lookup, request->loginuid, request->deadline,
                        &identity->opener, why, sizeof why);
    if (answer == LOOKUP_NOT_FOUND)
        snprintf(why, sizeof why,
                 "NSS knows no user of the login uid %u, which says who is behind this",
                 (unsigned)request->loginuid);
    return status_of_lookup(answer, why, outcome);
}

/* Keeps why it cannot be told which login of this Unix user a request comes from. */
static enum status leave_unsaid(struct asking *asking, struct identity *identity, uid_t uid,
                                const char *why, struct outcome *outcome)
{
    asking->unsaid = arena_text(&identity->memory, why, strlen(why));
    asking->unsaid_uid = uid;
    return asking->unsaid != NULL ? STATUS_PERMITTED
                                  : outcome_set(outcome, STATUS_UNAVAILABLE,
                                                "out of memory reading who is behind a session");
}

/*
 * Looks up the Unix user whose process asks: whom su and sudo name, who know it from the kernel;
 * of another service, and where they name nobody, whose session it opens.
 */
static enum status find_caller(const struct asking *asking, struct identity *identity,
                               const struct user **caller, struct outcome *outcome)
{
    const struct request *request = asking->request;
    char why[2 * ESCAPE_MAX], shown[ESCAPE_MAX];
    enum lookup_outcome answer;

    *caller = &identity->user;
    if (!match_names_caller(request->service) || request->ruser[0] == '\0')
        return STATUS_PERMITTED;
    *caller = &identity->caller;
    answer = lookup_user(asking->host->lookup, request->ruser, request->deadline, &identity->caller,
                         why, sizeof why);
    if (answer == LOOKUP_NOT_FOUND)
        snprintf(why, sizeof why, "NSS knows no user \"%s\", whom %s names as its caller",
                 escape(shown, sizeof shown, request->ruser), request->service);
    return status_of_lookup(answer, why, outcome);
}

/*
 * No login tells who is behind the request. Where people come with certificates to the Unix user
 * whose process asks, it might be any of them, whatever login uid it has set where there was none.
 */
static enum status look_at_caller(struct asking *asking, struct identity *identity,
                                  struct outcome *outcome)
{
    const struct policy *policy = asking->host->policy;
    const struct user *caller;
    char why[1024], shown[ESCAPE_MAX];
    enum status status;

    if (!identity_believes_certificates(policy))
        return STATUS_PERMITTED;
    status = find_caller(asking, identity, &caller, outcome);
    if (status != STATUS_PERMITTED || !policy_is_managed(policy, caller->uid))
        return status;
    switch (certified_user_is(asking->host, caller->uid, why, sizeof why)) {
    case ANSWER_NO:
        return STATUS_PERMITTED;
    case ANSWER_YES:
        snprintf(why, sizeof why,
                 "no session's record tells who is behind this process of user %s, as in a job or "
                 "a login without pam_xacct.so, and people come to this user with certificates",
                 escape(shown, sizeof shown, caller->name));
        break;
    default:
        break;
    }
    return leave_unsaid(asking, identity, caller->uid, why, outcome);
}

/* Takes over what the record says of the login that another service's request comes from. */
static enum status read_origin(struct asking *asking, struct identity *identity,
                               struct outcome *outcome)
{
    struct session_record *origin = calloc(1, sizeof *origin);
    const uid_t uid = asking->request->loginuid;
    char why[1024];

    if (origin == NULL)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "out of memory reading session records");
    switch (session_origin_find(asking->host, asking->request, origin, why, sizeof why)) {
    case ORIGIN_FOUND:
        identity->origin = origin;
        identity->methods = origin->auth;
        identity->auth = origin->auth_known ? &identity->methods : NULL;
        if (origin->auth_known)
            return STATUS_PERMITTED;
        return leave_unsaid(asking, identity, uid,
                            "how the login that this comes from was authenticated is not known",
                            outcome);
    case ORIGIN_UNKNOWN:
        free(origin);
        return leave_unsaid(asking, identity, uid, why, outcome);
    default:
        free(origin);
        return look_at_caller(asking, identity, outcome);
    }
}

/* Who is behind a request of another service than sshd, as far as the policy asks for that. */
static enum status look_behind(struct asking *asking, struct identity *identity,
                               struct outcome *outcome)
{
    const struct policy *policy = asking->host->policy;
    const struct request *request = asking->request;
    enum status status;

    if (asking->is_sshd || policy->identity[0] == IDENTITY_USER)
        return STATUS_PERMITTED;
    if (!request->has_loginuid || !policy_is_managed(policy, request->loginuid))
        return look_at_caller(asking, identity, outcome);
    asking->has_opener = true;
    status = find_opener(asking, identity, outcome);
    return status == STATUS_PERMITTED ? read_origin(asking, identity, outcome) : status;
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
    status = identity_find_user(host, request, request->user, identity, outcome);
    if (status == STATUS_PERMITTED)
        status = read_auth_info(&asking, identity, outcome);
    if (status == STATUS_PERMITTED)
        status = look_behind(&asking, identity, outcome);
    for (i = 0; status == STATUS_PERMITTED && identity->human == NULL && i < policy->identity_count;
         i++) {
        identity->source = policy->identity[i];
        status = ask_source[policy->identity[i]](&asking, identity, outcome);
    }
    if (status == STATUS_PERMITTED && identity->human == NULL) {
        identity->is_nobody = true;
        identity->human = identity->user.name;
    }
    return status;
}

enum status identify_user(struct host *host, const struct request *request,
                          struct identity *identity, struct outcome *outcome)
{
    enum status status;

    memset(identity, 0, sizeof *identity);
    identity->typed = request->user;
    identity->source = IDENTITY_USER;
    identity->is_nobody = !policy_asks(host->policy, IDENTITY_USER);
    status = identity_find_user(host, request, request->user, identity, outcome);
    identity->human = identity->user.name;
    return status;
}

const char *identity_address(const struct identity *identity, const struct request *request)
{
    return identity->origin != NULL && identity->origin->address != NULL ? identity->origin->address
                                                                         : request->address;
}

void identity_free(struct identity *identity)
{
    if (identity->origin != NULL)
        session_record_free(identity->origin);
    free(identity->origin);
    arena_free(&identity->memory);
    memset(identity, 0, sizeof *identity);
}
