/*
 * What is known of a request on its way through the rooms; the reply and the audit line are made of
 * it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_PROGRESS_H
#define XACCT_HELPER_PROGRESS_H

#include "helper/host.h"
#include "helper/identity.h"
#include "helper/outcome.h"
#include "helper/request.h"
#include "helper/role_call.h"
#include "helper/sessions.h"
#include "helper/sts.h"
#include "helper/user_proof.h"
#include "policy/decide.h"

struct examined;
struct metric_samples;
struct revoked;

/* Made by progress_begin. Must not be copied: parts point into it. */
struct progress {
    struct host *host;
    struct timespec begun; /* when the request had come, by CLOCK_REALTIME */
    struct request *request;
    struct serving serving; /* the session that serves a user's request; of one that is opened by
                               this request, no more than record.opened */
    bool is_served;
    struct identity identity;
    char *chosen; /* the role that the human wants logins to start with, or NULL; owned */
    struct decision decision;
    bool *groups; /* of a look-up for NSS: which of the policy's Unix groups the reply tells of; in
                     the identity's memory, or NULL: none */
    const struct permitted_role *role; /* the role in question, of the decision; or NULL */
    struct role_call call;             /* how it is assumed, */
    struct user_proof proof;           /* and with the user's own word, if so */
    struct sts_assumed assumed;        /* request id and ARN; the credentials are the outcome's */
    struct examined *examined;      /* what was found out of this host; in the identity's memory, or
                                       NULL */
    struct metric_samples *samples; /* what is told of metrics; in the identity's memory, or NULL */
    struct revoked *revoked;        /* what was ended; owned, or NULL */
    struct outcome outcome;
    bool outdated; /* nothing has been written or left, as the policy has changed meanwhile */
};

/* Wipes and frees all of it. */
void progress_free(struct progress *progress);

/* Makes *progress one that has not begun, of a request that is the caller's. */
void progress_begin(struct progress *progress, struct host *host, struct request *request);

/* As if nothing had been done yet for `request`, a copy of what was asked at first. */
void progress_begin_anew(struct progress *progress, const struct request *request);

/*
 * Whether the policy that was decided under is still the one in force: asked before the line of
 * what is given is written, as STS and directories take their time. Where not, the request is
 * `outdated`.
 */
bool progress_stands(struct progress *progress);

/*
 * Says who it is, and what they may: identity, look-ups, decision. Returns the status, with the
 * reason in the outcome.
 */
enum status progress_decide(struct progress *progress);

/*
 * Makes the role called `name` the one in question, or with NULL the one that a login starts with,
 * if it is permitted. Returns whether it is.
 */
bool progress_choose(struct progress *progress, const char *name);

/*
 * When what the role in question gives will be over, as time alone is told: with the role's `ends`,
 * or with the session by the policy's session_max, whichever comes first; 0: no end in sight.
 */
time_t progress_ends(const struct progress *progress);

/*
 * Writes the request's line to the audit file: `event`, or AUDIT_REFUSED where the outcome is not
 * PERMITTED. Returns 0 or an errno with the reason in `why`.
 */
int progress_audit(const struct progress *progress, const char *event, char *why, size_t why_size);

/*
 * Writes, once for both, that the session that serves the request adopted the one that it named: to
 * be called before the line of what is given. Returns as progress_audit; 0, too, where there is
 * nothing to write.
 */
int progress_audit_adoption(const struct progress *progress, char *why, size_t why_size);

/* As progress_audit for a refusal, whose outcome stands whether it can be written or not. */
void progress_audit_refusal(const struct progress *progress);

#endif
