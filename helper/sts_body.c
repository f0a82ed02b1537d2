/*
 * The parameters of a call as a form. A parameter that is not set is left out, as STS wants it, and
 * so is one that the action does not know.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>

#include "helper/form.h"
#include "helper/sts.h"

const char *sts_action_name(enum sts_action action)
{
    static const char *const names[] = {
        [STS_ASSUME_ROLE] = "AssumeRole",
        [STS_WITH_WEB_IDENTITY] = "AssumeRoleWithWebIdentity",
        [STS_WITH_SAML] = "AssumeRoleWithSAML",
        [STS_CALLER_IDENTITY] = "GetCallerIdentity",
    };

    return names[action];
}

/* Puts one member of a list, counted from 1: LIST.member.N, or LIST.member.N.FIELD. */
static void put_member(struct form *form, const char *list, size_t index, const char *field,
                       const char *value)
{
    char name[64];

    snprintf(name, sizeof name, "%s.member.%zu%s%s", list, index + 1, field != NULL ? "." : "",
             field != NULL ? field : "");
    form_put_parameter(form, name, value);
}

/* Who assumes the role, and where the action takes it, under what name. */
static void put_proof(struct form *form, const struct sts_assume_role *call)
{
    if (call->action == STS_WITH_SAML)
        form_put_parameter(form, "PrincipalArn", call->principal_arn);
    else
        form_put_parameter(form, "RoleSessionName", call->session_name);
    if (call->action == STS_WITH_SAML)
        form_put_parameter(form, "SAMLAssertion", call->proof->bytes);
    else if (call->action == STS_WITH_WEB_IDENTITY)
        form_put_parameter(form, "WebIdentityToken", call->proof->bytes);
}

/* What the token or the assertion would have to say in the other actions. */
static void put_names(struct form *form, const struct sts_assume_role *call)
{
    size_t i;

    for (i = 0; i < call->tag_count; i++) {
        put_member(form, "Tags", i, "Key", call->tags[i].key);
        put_member(form, "Tags", i, "Value", call->tags[i].value);
    }
    for (i = 0; i < call->transitive_tag_count; i++)
        put_member(form, "TransitiveTagKeys", i, NULL, call->transitive_tags[i]);
    form_put_parameter(form, "SourceIdentity", call->source_identity);
}

static void put_call(struct form *form, const struct sts_assume_role *call)
{
    char duration[16];
    size_t i;

    form_put_parameter(form, "Action", sts_action_name(call->action));
    form_put_parameter(form, "Version", "2011-06-15");
    form_put_parameter(form, "RoleArn", call->role_arn);
    put_proof(form, call);
    snprintf(duration, sizeof duration, "%d", call->duration);
    form_put_parameter(form, "DurationSeconds", call->duration > 0 ? duration : NULL);
    if (call->action == STS_ASSUME_ROLE)
        form_put_parameter(form, "ExternalId", call->external_id);
    form_put_parameter(form, "Policy", call->policy);
    for (i = 0; i < call->policy_arn_count; i++)
        put_member(form, "PolicyArns", i, "arn", call->policy_arns[i]);
    if (call->action == STS_ASSUME_ROLE)
        put_names(form, call);
}

int sts_body(const struct sts_assume_role *call, struct secret *body)
{
    struct form form = {0};
    int error;

    put_call(&form, call);
    error = secret_new(body, form.length);
    if (error != 0)
        return error;
    form = (struct form){.out = body->bytes};
    put_call(&form, call);
    return 0;
}
