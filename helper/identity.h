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

/* A session's record, of session_record.h. */
struct session_record;

/* Parts point into it: it must not be copied. */
struct identity {
    struct user user;   /* as NSS knows it */
    struct user opener; /* the Unix user behind it, whom the login uid names, where that is another;
                           else empty, as where nobody asked */
    struct user caller; /* whom su or sudo name as their caller, where that has been looked up;
                           else empty */
    const char *human;  /* in here, or in the session's record; NULL while it is not known */
    const char *typed;  /* the name that was logged in with */
    enum identity_source source; /* where the human's name comes from */
    bool
        is_nobody; /* none of the policy's sources says who it is, and `human` is the user's name */
    const struct texts *auth; /* as in struct login: NULL where it is not known */
    struct texts methods;     /* that `auth` points to */
    struct certificate proof; /* the certificate, */
    bool has_certificate;     /* if there is one, */
    bool certificate_unknown; /* or it is not known whether: */
    const char *unsaid;       /* why; or NULL where nobody would read it */
    bool nameless;            /* then: a role would be in a name that need not be the human's */
    char authority_key[AUTHORITY_KEY_SIZE]; /* then: a hash of the key of its [ca] */
    struct session_record *origin; /* of the login that a request of another service than sshd
                                      comes from, where one tells; owned */
    struct arena memory;
};

/*
 * Looks up the user of the module's request and asks the policy's sources of identity for the
 * human, in their order. Returns PERMITTED and fills *identity; else the status, with the reason in
 * *outcome: UNMANAGED below the policy's minimum_uid; UNAVAILABLE when NSS does not answer, or does
 * not know whom the caller knows; DENIED for a certificate of a [ca] that is not as it must be. The
 * caller frees *identity with identity_free in either case.
 *
 * A request of sudo, su or another service whose login uid and audit session are those of a login
 * that is in the records (helper/session_origin.h) has its human, certificate, methods and address.
 * The certificate counts as in that session: DENIED where it is not good any more. Where it cannot
 * be told which login it comes from, and the policy believes certificates, it is not known whether
 * there is one: unmet in a grant, met in a deny. So it is where no login tells, and people come
 * with certificates to the Unix user whose process asks, whatever the login uid. `nameless` is set
 * too where either is another than the user, so that they would have to pass for the human.
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

/*
 * As identify for a question about the Unix user alone, whom the request names, or else the uid
 * that asks: of no login, so there is no certificate, and no login uid says who is behind it.
 */
enum status identify_user(struct host *host, const struct request *request,
                          struct identity *identity, struct outcome *outcome);

void identity_free(struct identity *identity);

/* Where the human came from: the address of the login behind the request, else the request's own,
 * which outlive the result. */
const char *identity_address(const struct identity *identity, const struct request *request);

/* The name of a source in the policy, in records and in the audit file. */
const char *identity_source_name(enum identity_source source);

/* The source with this name; IDENTITY_SOURCES when the name is NULL or not known. */
enum identity_source identity_source_from_name(const char *name);

#endif
