/*
 * The parameters of AssumeRole as a form.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <string.h>

#include "helper/sts.h"

/* A form being written: only measured while `out` is NULL. */
struct form {
    char *out;
    size_t length;
};

static void put(struct form *form, char c)
{
    if (form->out != NULL)
        form->out[form->length] = c;
    form->length++;
}

/*
 * Puts a text as application/x-www-form-urlencoded has it; a space as %20 and not as the shorter
 * '+', which means the same to AWS, but which Ceph's gateway takes for itself.
 */
static void put_encoded(struct form *form, const char *text)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                                "abcdefghijklmnopqrstuvwxyz"
                                "0123456789_.-~";
    static const char digits[] = "0123456789ABCDEF";

    for (; *text != '\0'; text++) {
        unsigned char byte = (unsigned char)*text;

        if (strchr(plain, byte) != NULL) {
            put(form, *text);
        } else {
            put(form, '%');
            put(form, digits[byte >> 4]);
            put(form, digits[byte & 15]);
        }
    }
}

/* Puts NAME=VALUE; nothing when the value is NULL, which is how STS wants what is not set. */
static void put_parameter(struct form *form, const char *name, const char *value)
{
    if (value == NULL)
        return;
    if (form->length > 0)
        put(form, '&');
    put_encoded(form, name);
    put(form, '=');
    put_encoded(form, value);
}

/* Puts one member of a list, counted from 1: LIST.member.N, or LIST.member.N.FIELD. */
static void put_member(struct form *form, const char *list, size_t index, const char *field,
                       const char *value)
{
    char name[64];

    snprintf(name, sizeof name, "%s.member.%zu%s%s", list, index + 1, field != NULL ? "." : "",
             field != NULL ? field : "");
    put_parameter(form, name, value);
}

static void put_call(struct form *form, const struct sts_assume_role *call)
{
    char duration[16];
    size_t i;

    put_parameter(form, "Action", "AssumeRole");
    put_parameter(form, "Version", "2011-06-15");
    put_parameter(form, "RoleArn", call->role_arn);
    put_parameter(form, "RoleSessionName", call->session_name);
    snprintf(duration, sizeof duration, "%d", call->duration);
    put_parameter(form, "DurationSeconds", call->duration > 0 ? duration : NULL);
    put_parameter(form, "ExternalId", call->external_id);
    put_parameter(form, "Policy", call->policy);
    for (i = 0; i < call->policy_arn_count; i++)
        put_member(form, "PolicyArns", i, "arn", call->policy_arns[i]);
    for (i = 0; i < call->tag_count; i++) {
        put_member(form, "Tags", i, "Key", call->tags[i].key);
        put_member(form, "Tags", i, "Value", call->tags[i].value);
    }
    for (i = 0; i < call->transitive_tag_count; i++)
        put_member(form, "TransitiveTagKeys", i, NULL, call->transitive_tags[i]);
    put_parameter(form, "SourceIdentity", call->source_identity);
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
