/*
 * Base credentials by a token of an OpenID Connect provider, which somebody else (Kubernetes, a CI
 * runner, an agent of the admin's) keeps fresh in a file.
 * Source: STS API reference, AssumeRoleWithWebIdentity.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "common/escape.h"
#include "common/wire.h"
#include "helper/aws_clock.h"
#include "helper/base_source.h"
#include "helper/log.h"
#include "helper/secret_file.h"
#include "helper/session_name.h"
#include "helper/sts.h"
#include "helper/sts_explain.h"
#include "helper/sts_tries.h"

/* One fetch, on the heap: it is too large for a task's stack. */
struct fetch {
    struct secret token;
    char session_name[SESSION_NAME_MAX + 1];
    struct sts_assumed assumed;
    struct sts_failure failure;
    struct outcome outcome; /* for its notices */
};

/* Reads the token, which is another one every time. */
static enum status read_token(const struct host *host, const struct base *base,
                              struct secret *token, char why[BASE_WHY_SIZE])
{
    char text[1024];
    int error = secret_file_word(base->token_file, host->group, WIRE_PROOF_MIN,
                                 WIRE_WEB_IDENTITY_TOKEN_MAX, token, text, sizeof text);

    if (error == 0)
        return STATUS_PERMITTED;
    snprintf(why, BASE_WHY_SIZE, "token_file: %s%s", text,
             error == ENOENT   ? " (whatever writes the token has not done so)"
             : error == EINVAL ? "; whatever writes the token must put it there whole, in one line"
                               : "");
    return base_file_status(error);
}

/* Asks STS. Returns PERMITTED with the session in fetch->assumed. */
static enum status ask(const struct host *host, const struct base *base, struct deadline deadline,
                       struct fetch *fetch, char why[BASE_WHY_SIZE])
{
    char *region = base->region;
    const struct texts regions = {&region, 1};
    const struct sts_tries tries = {
        .policy = host->policy, .regions = &regions, .outcome = &fetch->outcome};
    struct sts_assume_role call = {
        .action = STS_WITH_WEB_IDENTITY,
        .role_arn = base->role_arn,
        .session_name = base->session_name != NULL ? base->session_name : fetch->session_name,
        .proof = &fetch->token,
        .duration = base->duration,
    };
    char path[ESCAPE_MAX];
    enum status status;

    if (sts_try(&tries, NULL, &call, deadline, &fetch->assumed, &fetch->failure) == 0) {
        if (fetch->outcome.notice[0] != '\0')
            log_notice("[%s]: %s", base->title, fetch->outcome.notice);
        return STATUS_PERMITTED;
    }
    snprintf(why, BASE_WHY_SIZE, "with the token of %.256s, %.1700s",
             escape(path, sizeof path, base->token_file), fetch->failure.text);
    status = sts_failure_status(fetch->failure.kind);
    /* It is no user's. */
    return status == STATUS_DENIED ? STATUS_MISCONFIGURED : status;
}

enum status base_web_identity_fetch(const struct host *host, const struct base *base,
                                    struct deadline deadline, struct credentials *credentials,
                                    char why[BASE_WHY_SIZE])
{
    struct fetch *fetch = calloc(1, sizeof *fetch);
    enum status status = STATUS_UNAVAILABLE;

    if (fetch == NULL || session_name(host->name, fetch->session_name) != 0) {
        snprintf(why, BASE_WHY_SIZE, "no memory is left, or OpenSSL fails");
        goto done;
    }
    status = read_token(host, base, &fetch->token, why);
    if (status == STATUS_PERMITTED)
        status = ask(host, base, deadline, fetch, why);
    if (status == STATUS_PERMITTED && fetch->assumed.credentials.expiration <= aws_clock_now()) {
        snprintf(why, BASE_WHY_SIZE,
                 "STS answered with credentials that have expired already: is "
                 "this host's clock right?");
        credentials_free(&fetch->assumed.credentials);
        status = STATUS_UNAVAILABLE;
    }
    if (status == STATUS_PERMITTED)
        *credentials = fetch->assumed.credentials;

done:
    if (fetch != NULL)
        secret_free(&fetch->token);
    free(fetch);
    return status;
}
