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

/* Whether the session that `request` is about is given TAG_TARGET beside the role's tags. */
bool role_call_has_target(const struct request *request, const struct role *role);

/*
 * Fits the call to the session that will sign it, which carries this source identity, or one that
 * is not known (""): none is sent then, as STS keeps the first for ever; and where it is not the
 * human's, the tag of the human goes along, unless the role has one of its key. Returns as
 * role_call_make.
 */
enum status role_call_keep_source_identity(struct role_call *call, const struct role *role,
                                           const struct identity *identity, const char *carried,
                                           struct outcome *outcome);

/*
 * Leaves out the tags that the session of `before`, an earlier call of the chain, passes on: STS
 * refuses a key twice. MISCONFIGURED where the values differ; else PERMITTED.
 */
enum status role_call_inherit_tags(struct role_call *call, const struct role *role,
                                   const struct role_call *before, struct outcome *outcome);

void role_call_free(struct role_call *call);

#endif
