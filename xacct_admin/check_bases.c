/*
 * Base credentials, by source.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "common/secret.h"
#include "helper/base_file.h"
#include "helper/instant.h"
#include "helper/x509_sign.h"
#include "xacct_admin/checks.h"

#define ARENA_SIZE ((size_t)512 * 1024) /* the largest file, and its keys while they grow */

/* How a file of a base is looked at: owner, mode and links among the folders are check_files' to
 * tell. */
static struct trust trust_in(const char *path)
{
    return (struct trust){.unchecked = true, .followed = (size_t)(strrchr(path, '/') - path)};
}

/* Makes room for the secrets of a file at `path`, or tells why it is not looked at. */
static bool open_arena(const struct base *base, const char *path, struct findings *findings)
{
    int error = secret_arena_open(ARENA_SIZE);

    if (error != 0)
        findings_add(findings, LINT_WARNING, base->at,
                     "%s: no memory could be locked for its keys (%s), so they were not checked; "
                     "see ulimit -l",
                     path, strerror(error));
    return error == 0;
}

/* Whether the profile and its keys are in the file. Of what they are nothing is told. */
static void check_file(const struct base *base, struct findings *findings)
{
    struct credentials credentials;
    char why[1024];
    int error;

    if (!open_arena(base, base->file, findings))
        return;
    error = base_file_read_under(base->file, base->profile, trust_in(base->file), &credentials, why,
                                 sizeof why);
    credentials_free(&credentials);
    secret_arena_close();
    if (error == EACCES && geteuid() != 0 && access(base->file, R_OK) != 0)
        findings_add(findings, LINT_WARNING, base->at,
                     "%s: you may not read it, so its keys were not checked", base->file);
    else if (error != 0)
        findings_add(findings, LINT_ERROR, base->at, "%s", why);
}

/* Whether the key in a file is that of the certificate. */
static void check_key(const struct base *base, const struct x509_chain *chain,
                      struct findings *findings)
{
    char why[1024];

    if (!open_arena(base, base->key, findings))
        return;
    if (x509_check_key(base->key, trust_in(base->key), chain, why, sizeof why) != 0)
        findings_add(findings, LINT_ERROR, base->at, "%s", why);
    secret_arena_close();
}

/* Whether the certificate is valid now and soon, and its key in a file is its own. What cannot be
 * read is check_files' to tell. */
static void check_certificate(const struct base *base, struct findings *findings)
{
    const time_t now = time(NULL);
    struct x509_chain chain;
    char why[1024], until[INSTANT_SIZE];

    if (access(base->certificate, R_OK) != 0)
        return;
    if (x509_chain_read_under(base->certificate, trust_in(base->certificate), &chain, why,
                              sizeof why) != 0) {
        findings_add(findings, LINT_ERROR, base->at, "%s", why);
        return;
    }
    if (x509_chain_check_dates(&chain, base->certificate, now, why, sizeof why) != 0)
        findings_add(findings, LINT_ERROR, base->at, "%s", why);
    else if (chain.until - now < X509_ENDS_SOON_S)
        findings_add(findings, LINT_WARNING, base->at, "the certificate %s ends at %s: renew it",
                     base->certificate, instant_text(until, chain.until));
    if (base->pkcs11_module == NULL && access(base->key, R_OK) == 0)
        check_key(base, &chain, findings);
    x509_chain_free(&chain);
}

void check_bases(const struct policy *policy, struct findings *findings)
{
    /* What is not here can only be seen by asking. */
    static void (*const checks[BASE_SOURCES])(const struct base *, struct findings *) = {
        [BASE_FILE] = check_file,
        [BASE_ROLES_ANYWHERE] = check_certificate,
    };
    size_t i;

    for (i = 0; i < policy->base_count; i++)
        if (checks[policy->bases[i].source] != NULL)
            checks[policy->bases[i].source](&policy->bases[i], findings);
}
