/*
 * From a certificate to a human.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/identity_certificate.h"

#include <openssl/evp.h>
#include <stdio.h>
#include <string.h>

#include "common/escape.h"
#include "helper/hex.h"
#include "helper/session_record.h"
#include "helper/ssh_certificate.h"

/* Hashes a public key. Returns whether it could be. */
static bool hash_key(const struct ca *ca, char key[AUTHORITY_KEY_SIZE])
{
    unsigned char digest[EVP_MAX_MD_SIZE];

    if (EVP_Digest(ca->key, ca->key_length, digest, NULL, EVP_sha256(), NULL) != 1)
        return false;
    hex_encode(key, digest, (AUTHORITY_KEY_SIZE - 1) / 2);
    return true;
}

/* Refuses a certificate of a [ca]. */
static enum status refuse(const struct ca *ca, const char *why, struct outcome *outcome)
{
    char name[ESCAPE_MAX];

    return outcome_set(outcome, STATUS_DENIED,
                       "the certificate of [ca %s] at %s:%u, with which sshd let the login in, is "
                       "refused: %s",
                       escape(name, sizeof name, ca->name), ca->at.file, ca->at.line, why);
}

/*
 * The name that a certificate gives the human. Returns NULL with a phrase in `why` where there is
 * none that its [ca] may use.
 */
static const char *name_human(const struct ca *ca, const char *key_id,
                              const struct texts *principals, char *why, size_t why_size)
{
    const char *human = NULL;
    char shown[ESCAPE_MAX];
    size_t count = 0, i;

    if (ca->identity == CA_IDENTITY_KEY_ID) {
        if (key_id != NULL && key_id[0] != '\0' && policy_ca_may_name(ca, key_id))
            return key_id;
        snprintf(why, why_size, "its key id, \"%s\", is no name that its names = allows",
                 escape(shown, sizeof shown, key_id != NULL ? key_id : ""));
        return NULL;
    }
    for (i = 0; i < principals->count; i++)
        if (policy_ca_may_name(ca, principals->items[i])) {
            human = principals->items[i];
            count++;
        }
    if (count == 1)
        return human;
    snprintf(why, why_size,
             "of its %zu principals %zu are names that its names = allows, and one must be",
             principals->count, count);
    return NULL;
}

/* Makes the certificate the login's, and the name that it gives the human's. */
static enum status take(const struct ca *ca, const struct ssh_names *names,
                        struct identity *identity, struct outcome *outcome)
{
    char why[1024];
    const char *human = name_human(ca, names->key_id, &names->principals, why, sizeof why);

    if (human == NULL)
        return refuse(ca, why, outcome);
    if (!hash_key(ca, identity->authority_key))
        return outcome_set(outcome, STATUS_UNAVAILABLE, "OpenSSL cannot hash a public key");
    identity->proof = (struct certificate){
        .ca = ca, .key_id = names->key_id, .principals = names->principals, .ends = names->ends};
    identity->has_certificate = true;
    identity->human = human;
    return STATUS_PERMITTED;
}

enum status identity_from_certificate(const struct policy *policy, const struct auth_info *info,
                                      time_t now, struct identity *identity,
                                      struct outcome *outcome)
{
    struct ssh_certificate certificate, ours;
    const struct ca *ca = NULL;
    struct ssh_names names;
    char why[1024];
    size_t i;

    for (i = 0; i < info->key_count; i++) {
        const struct auth_key *key = &info->keys[i];
        const char *fault;

        if (!ssh_certificate_is(key->type))
            continue;
        fault = ssh_certificate_read(key->type, key->bytes, &certificate);
        if (fault != NULL)
            return outcome_set(outcome, STATUS_DENIED,
                               "the login was made with a certificate of the type %s whose "
                               "authority cannot be told: %s",
                               key->type, fault);
        if (ca == NULL) {
            ca = policy_find_ca(policy, certificate.authority.bytes, certificate.authority.length);
            ours = certificate;
        }
    }
    if (ca == NULL)
        return STATUS_PERMITTED;
    if (info->key_count > 1)
        return refuse(ca, "it was not the only public key with which the login was made", outcome);
    if (!ssh_certificate_check(&ours, now, &identity->memory, &names, why, sizeof why))
        return refuse(ca, why, outcome);
    return take(ca, &names, identity, outcome);
}

/* The [ca] with the key of this hash, or NULL. */
static const struct ca *find_by_hash(const struct policy *policy, const char *key)
{
    char hashed[AUTHORITY_KEY_SIZE];
    size_t i;

    for (i = 0; i < policy->ca_count; i++)
        if (hash_key(&policy->cas[i], hashed) && strcmp(hashed, key) == 0)
            return &policy->cas[i];
    return NULL;
}

bool identity_believes_certificates(const struct policy *policy)
{
    size_t i;

    for (i = 0; policy->ca_count > 0 && i < policy->identity_count; i++)
        if (policy->identity[i] == IDENTITY_CERTIFICATE)
            return true;
    return false;
}

enum status identity_from_record(const struct policy *policy, const struct session_record *record,
                                 struct identity *identity, struct outcome *outcome)
{
    const struct ca *ca = find_by_hash(policy, record->authority_key);
    struct ssh_names names = {.key_id = record->key_id != NULL ? record->key_id : "",
                              .principals = record->principals,
                              .ends = record->certificate_ends};
    char shown[ESCAPE_MAX];
    enum status status;

    if (ca == NULL || !identity_believes_certificates(policy))
        return outcome_set(
            outcome, STATUS_DENIED,
            "the session was opened with a certificate of [ca %s], which the policy %s any more",
            escape(shown, sizeof shown, record->authority),
            ca == NULL ? "does not have with this key" : "takes no identity from");
    status = take(ca, &names, identity, outcome);
    if (status == STATUS_PERMITTED && strcmp(identity->human, record->human) != 0)
        return refuse(ca, "it gives another name than when the session was opened", outcome);
    return status;
}
