/*
 * Which human a request is about, and what is known of how they logged in.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_IDENTITY_H
#define XACCT_HELPER_IDENTITY_H

#include "helper/host.h"
#include "helper/outcome.h"
#include "helper/request.h"
#include "policy/arena.h"
#include "policy/decide.h"

#define AUTHORITY_KEY_SIZE ((size_t)65) /* SHA-256 in hexadecimal */

/* Parts point into it: it must not be copied. */
struct identity {
    struct user user;   /* as NSS knows it */
    struct user opener; /* whom the login uid names; empty where nobody asked */
    const char *human;  /* in here, or in the session's record; NULL while it is not known */
    const char *typed;  /* the name that was logged in with */
    enum identity_source source; /* where the human's name comes from */
    bool
        is_nobody; /* none of the policy's sources says who it is, and `human` is the user's name */
    const struct texts *auth;               /* as in struct login: NULL where it is not known */
    struct texts methods;                   /* that `auth` points to */
    struct certificate proof;               /* the certificate, */
    bool has_certificate;                   /* if there is one, */
    bool certificate_unknown;               /* or it is not known whether */
    char authority_key[AUTHORITY_KEY_SIZE]; /* then: a hash of the key of its [ca] */
    struct arena memory;
};

/* A session's record, of session_record.h. */
struct session_record;

/*
 * Looks up the user of the module's request and asks the policy's sources of identity for the
 * human, in their order. Returns PERMITTED and fills *identity; else the status, with the reason in
 * *outcome: UNMANAGED below the policy's minimum_uid; UNAVAILABLE when NSS does not answer, or does
 * not know whom the caller knows; DENIED for a certificate of a [ca] that is not as it must be. The
 * caller frees *identity with identity_free in either case.
 */
enum status identify(struct host *host, const struct request *request, struct identity *identity,
                     struct outcome *outcome);

/*
 * As identify for a user's request, which says nothing of this itself: the human is whom the
 * record of the session that serves it names, how they logged in is what it says, and a certificate
 * must still be good for the name. DENIED as well when the session's user is another uid by now
 * than the one that asks.
 */
enum status identify_served(struct host *host, const struct request *request,
                            const struct session_record *record, struct identity *identity,
                            struct outcome *outcome);

void identity_free(struct identity *identity);

/* The name of a source in the policy, in records and in the audit file. */
const char *identity_source_name(enum identity_source source);

/* The source with this name; IDENTITY_SOURCES when the name is NULL or not known. */
enum identity_source identity_source_from_name(const char *name);

#endif
