/*
 * AssumeRole: the request as a form, the response and every error as XML.
 * Source: AWS STS API reference 2011-06-15, AssumeRole and Common Errors.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_STS_H
#define XACCT_HELPER_STS_H

#include <stddef.h>

#include "common/deadline.h"
#include "helper/credentials.h"

/* Which STS. Texts stay the caller's. */
struct sts {
    const char *endpoint;  /* URL, or NULL for the region's own */
    const char *region;    /* signed for, and whose endpoint it is */
    const char *ca_bundle; /* PEM file, or NULL for the system's store */
};

/* One session tag, its template already expanded. */
struct sts_tag {
    const char *key;
    const char *value;
};

/* The parameters; NULL or 0 are left out of the request. Texts stay the caller's. */
struct sts_assume_role {
    const char *role_arn;
    const char *session_name;
    const char *source_identity;
    const char *external_id;
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
    STS_TRANSIENT,    /* 5xx, ServiceUnavailable, InternalFailure, RequestTimeout */
    STS_BASE_INVALID, /* our own credentials: ExpiredToken, InvalidClientTokenId, ... */
    STS_CLOCK,        /* the signature's time: this host's clock is wrong */
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
    char text[3072];      /* the whole for the log: what happened, where, what to do; raw text in it
                             is escaped already; never a secret */
};

struct sts_assumed {
    struct credentials credentials;
    char arn[2049];           /* AssumedRoleUser's Arn, or empty */
    char request_id[128];     /* or empty */
    char source_identity[65]; /* or empty */
    int packed_policy_size;   /* per cent, or -1 when not said */
};

/*
 * Calls AssumeRole with the `base` credentials, once, within the deadline. Returns 0 and fills
 * *assumed, whose credentials the caller frees; or EIO and fills *failure. Credentials count only
 * when they are whole: a response that lacks one of them is STS_GARBLED.
 */
int sts_assume_role(const struct sts *sts, const struct credentials *base,
                    const struct sts_assume_role *call, struct deadline deadline,
                    struct sts_assumed *assumed, struct sts_failure *failure);

/*
 * The URL of a region's own endpoint, written to `url`. Returns 0; EINVAL when the region's form is
 * that of no AWS partition; ENOBUFS.
 */
int sts_regional_endpoint(const char *region, char *url, size_t size);

/*
 * The form body of a call, in the order and encoding that AWS's own tools use (a space is '+').
 * Returns 0 and a secret (the session policy and the external id are nobody's business) that the
 * caller frees; ENOMEM.
 */
int sts_body(const struct sts_assume_role *call, struct secret *body);

#endif
