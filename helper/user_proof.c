/*
 * Roles by the user's own word.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/user_proof.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "helper/log.h"
#include "helper/progress.h"
#include "helper/proofs.h"

/* The kinds of proof, by `via`. */
static const struct kind {
    const char *name; /* for people */
    enum sts_action action;
} kinds[] = {
    [VIA_WEB_IDENTITY] = {"token", STS_WITH_WEB_IDENTITY},
    [VIA_SAML] = {"SAML assertion", STS_WITH_SAML},
};

static const struct kind *kind_of(const struct role *role)
{
    const enum via via = role->settings.via;

    return via == VIA_WEB_IDENTITY || via == VIA_SAML ? &kinds[via] : NULL;
}

/* What the request itself brought, or NULL. */
static const char *brought(const struct request *request, enum via via)
{
    return via == VIA_SAML ? request->saml_assertion : request->web_identity_token;
}

/* Takes a copy of the proof. Returns 0; ENOENT when there is none; ENOMEM. */
static int take(const struct progress *progress, enum via via, struct secret *bytes)
{
    const struct host *host = progress->host;
    const char *text = brought(progress->request, via);
    const struct secret *kept = NULL;

    if (text != NULL)
        return secret_copy(bytes, text, strlen(text));
    if (progress->is_served && host->proofs != NULL)
        kept = proofs_find(host->proofs, progress->serving.record.id, via);
    return kept != NULL ? secret_copy(bytes, kept->bytes, kept->length) : ENOENT;
}

/* The outcome of a role whose proof is not there. */
static enum status say_missing(struct progress *progress, const struct kind *kind)
{
    struct outcome *outcome = &progress->outcome;
    const struct role *role = progress->role->role;
    const char *via = via_names[role->settings.via];
    char shown[ESCAPE_MAX];

    escape(shown, sizeof shown, role->name);
    if (progress->is_served) {
        snprintf(outcome->message, sizeof outcome->message,
                 "role %.200s is assumed with the %s of your login, which is not kept any more: "
                 "log in again",
                 shown, kind->name);
        return outcome_set(outcome, STATUS_DENIED,
                           "role %s is assumed with the user's own %s (via = %s), and none is kept "
                           "for the session: it brought none, or the service was started anew, "
                           "or others came and there was no more room",
                           shown, kind->name, via);
    }
    snprintf(outcome->message, sizeof outcome->message,
             "role %.200s is assumed with a %s of your single sign-on, and this login brought none",
             shown, kind->name);
    return outcome_set(
        outcome, STATUS_DENIED,
        "role %s is assumed with the user's own %s (via = %s), and the login brought "
        "none: the SSO's PAM module must stand above pam_xacct.so and set %s",
        shown, kind->name, via,
        kind->action == STS_WITH_SAML ? "XACCT_SAML_ASSERTION" : "XACCT_WEB_IDENTITY_TOKEN");
}

/* Finds out which provider the assertion is to be handed in with. */
static enum status find_provider(struct progress *progress)
{
    struct user_proof *proof = &progress->proof;
    const struct role *role = progress->role->role;
    struct outcome *outcome = &progress->outcome;
    char why[1536], shown[ESCAPE_MAX];
    int error = saml_provider(&proof->bytes, progress->call.role_arn, proof->principal_arn, why,
                              sizeof why);

    if (error == 0)
        return STATUS_PERMITTED;
    escape(shown, sizeof shown, role->name);
    if (error == ENOMEM)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "role %s (via = saml): %s", shown, why);
    snprintf(outcome->message, sizeof outcome->message,
             error == ENOENT ? "your single sign-on does not offer you role %.200s: ask whoever "
                               "looks after it"
                             : "what your single sign-on left for role %.200s cannot be read: log "
                               "in again, or ask the admin",
             shown);
    return outcome_set(outcome, STATUS_DENIED, "role %s (via = saml): %s", shown, why);
}

enum status user_proof_prepare(struct progress *progress)
{
    struct user_proof *proof = &progress->proof;
    struct sts_assume_role *call = &progress->call.parameters;
    const struct kind *kind = kind_of(progress->role->role);
    int error;

    if (kind == NULL)
        return STATUS_PERMITTED;
    user_proof_free(proof);
    error = take(progress, progress->role->role->settings.via, &proof->bytes);
    if (error == ENOENT)
        return say_missing(progress, kind);
    if (error != 0)
        return outcome_set(&progress->outcome, STATUS_UNAVAILABLE,
                           "there is no secret memory left for the user's %s", kind->name);
    if (kind->action == STS_WITH_SAML) {
        enum status status = find_provider(progress);

        if (status != STATUS_PERMITTED)
            return status;
        call->principal_arn = proof->principal_arn;
    }
    call->action = kind->action;
    call->proof = &proof->bytes;
    call->source_identity = NULL;
    call->external_id = NULL;
    call->tag_count = call->transitive_tag_count = 0;
    if (kind->action == STS_WITH_SAML)
        call->session_name = NULL;
    return STATUS_PERMITTED;
}

const char *user_proof_via(const struct progress *progress)
{
    const struct role *role = progress->role != NULL ? progress->role->role : NULL;

    return role != NULL && kind_of(role) != NULL ? via_names[role->settings.via] : NULL;
}

void user_proof_refused(struct progress *progress)
{
    const struct kind *kind = kind_of(progress->role->role);

    if (kind != NULL)
        snprintf(progress->outcome.message, sizeof progress->outcome.message,
                 "AWS does not accept the %s of your login any more: log in again", kind->name);
}

void user_proof_keep(struct progress *progress)
{
    static const enum via vias[] = {VIA_WEB_IDENTITY, VIA_SAML};
    const struct host *host = progress->host;
    size_t i;

    if (host->proofs == NULL || progress->outcome.session[0] == '\0')
        return;
    for (i = 0; i < sizeof vias / sizeof *vias; i++) {
        const char *proof = brought(progress->request, vias[i]);

        if (proof != NULL &&
            proofs_keep(host->proofs, progress->outcome.session, progress->identity.user.uid,
                        vias[i], proof, strlen(proof)) != 0)
            log_warning("reference %s: there is no secret memory left to keep the user's %s: roles "
                        "by it cannot be renewed in this session",
                        progress->request->reference, kinds[vias[i]].name);
    }
}

void user_proof_free(struct user_proof *proof)
{
    secret_free(&proof->bytes);
    proof->principal_arn[0] = '\0';
}
