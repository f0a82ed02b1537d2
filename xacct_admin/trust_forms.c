/*
 * One document as JSON, as a template of CloudFormation, as Terraform, or as a line for aws.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "helper/json.h"
#include "policy/arn.h"
#include "xacct/complain.h"
#include "xacct_admin/trust.h"

/* What a form is made of. Texts lie in trust->memory. */
struct parts {
    const struct trust_document *document;
    const char *name; /* of the role or policy in IAM */
    const char *path; /* of the role in IAM, from / to / */
    int duration;     /* seconds that the role must allow; 0: what every role allows */
};

struct trust_form {
    const char *name;
    void (*add)(struct trust_run *trust, const struct parts *parts, struct text *text);
};

static void add_json(struct trust_run *trust, const struct parts *parts, struct text *text)
{
    trust_dump(trust, parts->document->policy, text);
    text_add(text, "\n");
}

static void add_cloudformation(struct trust_run *trust, const struct parts *parts,
                               struct text *text)
{
    const bool is_role = parts->document->role != NULL;
    json_t *whole = json_object(), *resources = json_object(), *resource = json_object();
    json_t *properties = json_object();

    trust_put(trust, properties, is_role ? "RoleName" : "ManagedPolicyName",
              trust_text(parts->name));
    if (is_role)
        trust_put(trust, properties, "Path", trust_text(parts->path));
    if (parts->duration != 0)
        trust_put(trust, properties, "MaxSessionDuration", json_integer(parts->duration));
    trust_put(trust, properties, is_role ? "AssumeRolePolicyDocument" : "PolicyDocument",
              json_deep_copy(parts->document->policy));
    trust_put(trust, resource, "Type",
              trust_text(is_role ? "AWS::IAM::Role" : "AWS::IAM::ManagedPolicy"));
    trust_put(trust, resource, "Properties", properties);
    trust_put(trust, resources, is_role ? "Role" : "Policy", resource);
    trust_put(trust, whole, "AWSTemplateFormatVersion", trust_text("2010-09-09"));
    trust_put(trust, whole, "Resources", resources);
    trust_dump(trust, whole, text);
    text_add(text, "\n");
    json_decref(whole);
}

/* Terraform's names are of letters, digits, _ and -, and begin with a letter or _. */
static void add_identifier(const char *name, struct text *text)
{
    if (!isalpha((unsigned char)*name))
        text_add(text, "_");
    for (; *name != '\0'; name++)
        text_addf(text, "%c", isalnum((unsigned char)*name) || *name == '-' ? *name : '_');
}

/*
 * No text of the policy that comes here may have the `${` and `%{` that mean something between
 * these marks: not external ids, tags, ARNs (trust_check_paths), and not what the options take.
 */
static void add_terraform(struct trust_run *trust, const struct parts *parts, struct text *text)
{
    const bool is_role = parts->document->role != NULL;

    text_addf(text, "resource \"%s\" \"", is_role ? "aws_iam_role" : "aws_iam_policy");
    add_identifier(parts->document->name, text);
    text_addf(text, "\" {\n  name = \"%s\"\n", parts->name);
    if (is_role)
        text_addf(text, "  path = \"%s\"\n", parts->path);
    if (parts->duration != 0)
        text_addf(text, "  max_session_duration = %d\n", parts->duration);
    text_addf(text, "  %s = <<POLICY\n", is_role ? "assume_role_policy" : "policy");
    trust_dump(trust, parts->document->policy, text);
    text_add(text, "\nPOLICY\n}\n");
}

static void add_policy_word(struct trust_run *trust, const struct parts *parts, struct text *text)
{
    char *dumped = json_as_text(parts->document->policy, JSON_COMPACT | JSON_ENSURE_ASCII);

    if (dumped == NULL)
        trust->failed = true;
    else
        text_add_quoted(text, dumped);
    free(dumped);
    text_add(text, "\n");
}

/* For a role that is not there yet, and for a policy. */
static void add_creation(struct trust_run *trust, const struct parts *parts, struct text *text)
{
    const bool is_role = parts->document->role != NULL;

    text_add(text,
             is_role ? "aws iam create-role --role-name " : "aws iam create-policy --policy-name ");
    text_add_quoted(text, parts->name);
    if (is_role) {
        text_add(text, " --path ");
        text_add_quoted(text, parts->path);
    }
    if (parts->duration != 0)
        text_addf(text, " --max-session-duration %d", parts->duration);
    text_add(text, is_role ? " --assume-role-policy-document " : " --policy-document ");
    add_policy_word(trust, parts, text);
}

static void add_awscli(struct trust_run *trust, const struct parts *parts, struct text *text)
{
    if (parts->document->role == NULL) {
        add_creation(trust, parts, text);
        return;
    }
    text_add(text, "aws iam update-assume-role-policy --role-name ");
    text_add_quoted(text, parts->name);
    text_add(text, " --policy-document ");
    add_policy_word(trust, parts, text);
}

static const struct trust_form forms[] = {
    {"json", add_json},     {"cloudformation", add_cloudformation}, {"terraform", add_terraform},
    {"awscli", add_awscli}, {"awscli-create", add_creation},        {NULL, NULL},
};

const struct trust_form *trust_form_find(const char *name)
{
    const struct trust_form *form;

    for (form = forms; form->name != NULL; form++)
        if (name == NULL || strcmp(form->name, name) == 0)
            return form;
    return NULL;
}

bool trust_form_add(struct trust_run *trust, const struct trust_form *form,
                    const struct trust_document *document, struct text *text)
{
    const struct role *role = document->role;
    struct parts parts = {.document = document};
    const char *path, *last;

    if (role == NULL) {
        /* Names of the policy are of the letters that IAM takes. */
        parts.name = arena_format(&trust->memory, "pam-xacct-%s", document->name);
    } else {
        path = strstr(role->arn, ":role/") + strlen(":role/");
        last = strrchr(path, '/');
        parts.name = last != NULL ? last + 1 : path;
        parts.path =
            arena_format(&trust->memory, "/%.*s", last != NULL ? (int)(last + 1 - path) : 0, path);
        if (role->settings.duration > DURATION_DEFAULT)
            parts.duration = role->settings.duration;
        if (strstr(path, "%{") != NULL && form != forms) {
            complain("trust: the role's name is made for each login (%s), so this form, which "
                     "makes one role, has none: take --format json, and apply it to each of them",
                     path);
            return false;
        }
    }
    if (parts.name != NULL && (role == NULL || parts.path != NULL))
        form->add(trust, &parts, text);
    return true;
}
