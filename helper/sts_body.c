/*
 * The parameters of AssumeRole as a form. A parameter that is not set is left out, as STS wants it.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>

#include "helper/form.h"
#include "helper/sts.h"

/* Puts one member of a list, counted from 1: LIST.member.N, or LIST.member.N.FIELD. */
static void put_member(struct form *form, const char *list, size_t index, const char *field,
                       const char *value)
{
    char name[64];

    snprintf(name, sizeof name, "%s.member.%zu%s%s", list, index + 1, field != NULL ? "." : "",
             field != NULL ? field : "");
    form_put_parameter(form, name, value);
}

static void put_call(struct form *form, const struct sts_assume_role *call)
{
    char duration[16];
    size_t i;

    form_put_parameter(form, "Action", "AssumeRole");
    form_put_parameter(form, "Version", "2011-06-15");
    form_put_parameter(form, "RoleArn", call->role_arn);
    form_put_parameter(form, "RoleSessionName", call->session_name);
    snprintf(duration, sizeof duration, "%d", call->duration);
    form_put_parameter(form, "DurationSeconds", call->duration > 0 ? duration : NULL);
    form_put_parameter(form, "ExternalId", call->external_id);
    form_put_parameter(form, "Policy", call->policy);
    for (i = 0; i < call->policy_arn_count; i++)
        put_member(form, "PolicyArns", i, "arn", call->policy_arns[i]);
    for (i = 0; i < call->tag_count; i++) {
        put_member(form, "Tags", i, "Key", call->tags[i].key);
        put_member(form, "Tags", i, "Value", call->tags[i].value);
    }
    for (i = 0; i < call->transitive_tag_count; i++)
        put_member(form, "TransitiveTagKeys", i, NULL, call->transitive_tags[i]);
    form_put_parameter(form, "SourceIdentity", call->source_identity);
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
