/*
 * From a role of the policy to the parameters of AssumeRole: templates expanded, names mapped.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_ROLE_CALL_H
#define XACCT_HELPER_ROLE_CALL_H

#include "helper/host.h"
#include "helper/identity.h"
#include "helper/outcome.h"
#include "helper/request.h"
#include "helper/session_name.h"
#include "helper/sts.h"

/*
 * The tag that says which account a session is for, where the human may be another: for services
 * other than sshd, unless the role has a tag of this key itself. It is passed on along a chain.
 */
#define ROLE_CALL_TARGET_TAG "xacct-target"

struct role_call {
    struct sts_assume_role parameters; /* points into this struct and into the policy */
    char *role_arn;
    char *policy;
    struct sts_tag *tags;
    size_t tag_count; /* tags whose values are owned */
    const char **transitive_tags;
    size_t transitive_tag_count;
    char session_name[SESSION_NAME_MAX + 1];
    char source_identity[SESSION_NAME_MAX + 1]; /* or empty */
};

/*
 * Makes the parameters for `role`. Returns PERMITTED and fills *call; MISCONFIGURED when a template
 * cannot be expanded for this login, or UNAVAILABLE without memory, with the reason in *outcome.
 * The caller frees *call with role_call_free in either case.
 */
enum status role_call_make(const struct host *host, const struct request *request,
                           const struct identity *identity, const struct role *role,
                           struct role_call *call, struct outcome *outcome);

/* Whether the session that `request` is about is given the tag of its target beside the role's. */
bool role_call_has_target(const struct request *request, const struct role *role);

void role_call_free(struct role_call *call);

#endif
