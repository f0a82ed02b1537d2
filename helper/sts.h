/*
 * AssumeRole and its like, and GetCallerIdentity: the request as a form, the response and every
 * error as XML.
 * Source: AWS STS API reference 2011-06-15, AssumeRole, AssumeRoleWithWebIdentity,
 * AssumeRoleWithSAML and Common Errors.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_STS_H
#define XACCT_HELPER_STS_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "common/deadline.h"
#include "helper/credentials.h"

/* Which STS. Texts stay the caller's. */
struct sts {
    const char *endpoint;  /* URL, or NULL for the region's own */
    const char *region;    /* signed for, and whose endpoint it is */
    const char *ca_bundle; /* PEM file, or NULL for the system's store */
    const char *proxy;     /* URL, or NULL */
    bool fips;             /* which of the region's endpoints: endpoint.h */
    bool dual_stack;
    const char *signer; /* whose credentials sign, for messages: what its brackets hold, as in
                           "base" or "role NAME"; NULL without */
};

/* Which call. */
enum sts_action {
    STS_ASSUME_ROLE,       /* signed with base credentials */
    STS_WITH_WEB_IDENTITY, /* these two are not signed: what they carry is the proof */
    STS_WITH_SAML,
    STS_CALLER_IDENTITY /* GetCallerIdentity, which assumes nothing */
};

/* The action's name in the API and in the actions of a policy, without "sts:"; a constant. */
const char *sts_action_name(enum sts_action action);

/* One session tag, its template already expanded. */
struct sts_tag {
    const char *key;
    const char *value;
};

/* The parameters; NULL or 0 are left out of the request. Texts stay the caller's. */
struct sts_assume_role {
    enum sts_action action;
    const char *role_arn;
    const char *session_name;    /* not with SAML, whose assertion says it */
    const struct secret *proof;  /* the token, or the assertion in Base64; not of AssumeRole */
    const char *principal_arn;   /* with SAML: the identity provider, as IAM knows it */
    const char *source_identity; /* this, what follows but policy, duration and ARNs: */
    const char *external_id;     /* of AssumeRole alone */
    const char *policy;
    int duration; /* seconds */
    const char *const *policy_arns;
    size_t policy_arn_count;
    const struct sts_tag *tags;
    size_t tag_count;
    const char *const *transitive_tags;
    size_t transitive_tag_count;
};

/* What a failed call comes to, for the one who must act. */
enum sts_kind {
    STS_REFUSED, /* AccessDenied: a policy or a trust policy lacks something */
    STS_THROTTLED,
    STS_TRANSIENT,     /* 5xx, ServiceUnavailable, InternalFailure, IDPCommunicationError, ... */
    STS_BASE_INVALID,  /* our own credentials: ExpiredToken, InvalidClientTokenId, ... */
    STS_PROOF_INVALID, /* the token or the assertion: ExpiredToken, InvalidIdentityToken, ... */
    STS_CLOCK,         /* the signature's time: this host's clock is wrong */
    STS_ILLEGAL, /* a parameter: ValidationError, MalformedPolicyDocument, PackedPolicyTooLarge */
    STS_REGION,  /* RegionDisabledException, OptInRequired */
    STS_GARBLED, /* not an answer of STS: HTML, half a document, no credentials in it, too large */
    STS_TIMED_OUT,
    STS_UNREACHABLE, /* DNS, connection, TLS handshake */
    STS_UNTRUSTED,   /* the TLS certificate did not verify, or ca_bundle cannot be read */
    STS_INTERNAL,    /* memory, OpenSSL, an illegal endpoint */
    STS_KIND_COUNT
};

struct sts_failure {
    enum sts_kind kind;
    long http_status;     /* 0 when none came */
    char code[128];       /* as STS says it, or empty */
    char message[1024];   /* as STS says it: untrusted text, to be escaped before it is shown */
    char request_id[128]; /* or empty */
    bool clock_known;     /* STS_CLOCK: the server said what its clock shows, which is */
    long clock_ahead;     /* so many seconds ahead of this host's */
    char text[3072];      /* the whole for the log: what happened, where, what to do; raw text in it
                             is escaped already; never a secret */
};

/*
 * Sets a failure that no answer of STS describes: `kind`, the text as it is, and nothing else.
 * Returns EIO, for the caller to hand on.
 */
__attribute__((format(printf, 3, 4))) int sts_fail(struct sts_failure *failure, enum sts_kind kind,
                                                   const char *format, ...);

struct sts_assumed {
    struct credentials credentials;
    char arn[2049];         /* AssumedRoleUser's Arn, or empty */
    char request_id[128];   /* or empty */
    int packed_policy_size; /* per cent, or -1 when not said */
    int asked;              /* seconds of life that were asked for in the end; 0: not known */
    /* Set by assume.h: the session that signed carried a source identity, so that none was sent, */
    bool identity_is_carried;
    char carried_identity[SOURCE_IDENTITY_MAX + 1]; /* and which, as far as it is known */
};

/*
 * Makes the call, once, within the deadline: AssumeRole signed with the `base` credentials, which
 * are NULL for the others. Returns 0 and fills *assumed, whose credentials, with the source
 * identity of the session, the caller frees; or EIO and fills *failure. Credentials count only
 * when they are whole: a response that lacks one of them is STS_GARBLED.
 */
int sts_assume_role(const struct sts *sts, const struct credentials *base,
                    const struct sts_assume_role *call, struct deadline deadline,
                    struct sts_assumed *assumed, struct sts_failure *failure);

/* Who signs, as STS knows them. */
struct sts_caller {
    char account[13];     /* twelve digits, or what there is of them */
    char arn[2049];       /* untrusted text, as all of it */
    char request_id[128]; /* or empty */
    /* Set whether the call succeeds or not: the server said what its clock shows, which is */
    bool clock_known;
    long clock_ahead; /* so many seconds ahead of this host's */
};

/*
 * Makes a call of GetCallerIdentity, once, within the deadline, signed with the `base` credentials.
 * It needs no permission. Returns 0 and fills *caller, or EIO and fills *failure. Source: AWS STS
 * API reference 2011-06-15, GetCallerIdentity.
 */
int sts_caller_identity(const struct sts *sts, const struct credentials *base,
                        struct deadline deadline, struct sts_caller *caller,
                        struct sts_failure *failure);

/*
 * The form body of a call, in the order and encoding that AWS's own tools use (a space is '+').
 * Returns 0 and a secret (the session policy and the external id are nobody's business) that the
 * caller frees; ENOMEM.
 */
int sts_body(const struct sts_assume_role *call, struct secret *body);

#endif
