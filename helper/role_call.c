/*
 * The parameters of AssumeRole for one role and one login.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/role_call.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "common/escape.h"
#include "policy/template.h"

#define ROLE_NAME_MAX ((size_t)64)
#define TAG_VALUE_MAX ((size_t)256)
#define TAGS_MAX      ((size_t)50)
#define OWN_TAGS      2 /* those that we may add: the target's and the human's */
/* What the value of a tag may be made of, of ASCII: STS API reference, Tag. */
#define TAG_LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 _.:/=+-@"

/* Expands one text of the role; on failure the reason names the role, the key and its place. */
static enum status expand(const struct role *role, const char *key, struct position at,
                          const char *text, const struct template_values *values, char **expanded,
                          struct outcome *outcome)
{
    char why[512], name[ESCAPE_MAX];
    int error = template_expand(text, values, expanded, why, sizeof why);

    if (error == 0)
        return STATUS_PERMITTED;
    if (error == ENOMEM)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "out of memory preparing role %s",
                           escape(name, sizeof name, role->name));
    return outcome_set(outcome, STATUS_MISCONFIGURED, "%s of role %s at %s:%u: %s", key,
                       escape(name, sizeof name, role->name), at.file, at.line, why);
}

/*
 * The session name is the identity alone unless the policy has a template for it. In the template
 * stand the mapped forms of user and human, which are distinct for distinct people, so what is made
 * of them is legal, and distinct wherever host, account and role are the same. The source identity
 * is distinct everywhere.
 */
static enum status name_session(const struct role *role, const struct identity *identity,
                                const struct template_values *values, struct role_call *call,
                                struct outcome *outcome)
{
    char user[SESSION_NAME_MAX + 1], human[SESSION_NAME_MAX + 1];
    struct template_values mapped = *values;
    char *expanded = NULL;
    enum status status = STATUS_PERMITTED;
    int error = session_name(identity->human, human);

    if (error == 0)
        error = session_name(identity->user.name, user);
    if (error == 0 && role->settings.session_name != NULL) {
        mapped.of[TEMPLATE_USER] = user;
        mapped.of[TEMPLATE_HUMAN] = human;
        mapped.of[TEMPLATE_SESSION_NAME] = NULL;
        status = expand(role, "session_name", role->at, role->settings.session_name, &mapped,
                        &expanded, outcome);
        if (status == STATUS_PERMITTED)
            error = session_name(expanded, call->session_name);
    } else if (error == 0) {
        strcpy(call->session_name, human);
    }
    if (error == 0 && role->settings.source_identity == YES)
        strcpy(call->source_identity, human);
    free(expanded);
    if (error != 0)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "OpenSSL cannot hash the session name");
    return status;
}

bool role_call_has_target(const struct request *request, const struct role *role)
{
    return tags_find(&role->settings.tags, TAG_TARGET) == NULL &&
           strcmp(request->service, "sshd") != 0;
}

/* Adds a tag of ours, passed on along a chain, that holds a name as it is, or mapped. */
static enum status add_name(const struct role *role, const char *key, const char *name,
                            struct role_call *call, struct outcome *outcome)
{
    char mapped[SESSION_NAME_MAX + 1], shown[ESCAPE_MAX], role_name[ESCAPE_MAX];
    const char *value = name;

    if (value[strspn(value, TAG_LETTERS)] != '\0') {
        if (session_name(value, mapped) != 0)
            return outcome_set(outcome, STATUS_UNAVAILABLE, "OpenSSL cannot hash a name");
        value = mapped;
    }
    /* A session name may hold a comma, and a tag may not. */
    if (value[strspn(value, TAG_LETTERS)] != '\0')
        return outcome_set(outcome, STATUS_MISCONFIGURED,
                           "the tag %s of role %s cannot hold the name %s; give the role a tag of "
                           "this key",
                           key, escape(role_name, sizeof role_name, role->name),
                           escape(shown, sizeof shown, name));
    value = strdup(value);
    if (value == NULL)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "out of memory preparing a role's tags");
    call->tags[call->tag_count++] = (struct sts_tag){key, value};
    call->transitive_tags[call->transitive_tag_count++] = key;
    return STATUS_PERMITTED;
}

static enum status expand_tags(const struct role *role, const struct template_values *values,
                               struct role_call *call, struct outcome *outcome)
{
    const struct tags *tags = &role->settings.tags;
    const struct texts *transitive = &role->settings.transitive_tags;
    enum status status = STATUS_PERMITTED;
    size_t i;

    call->tags = calloc(tags->count + OWN_TAGS, sizeof *call->tags);
    call->transitive_tags = calloc(transitive->count + OWN_TAGS, sizeof *call->transitive_tags);
    if (call->tags == NULL || call->transitive_tags == NULL)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "out of memory preparing a role's tags");
    for (i = 0; i < transitive->count; i++)
        call->transitive_tags[call->transitive_tag_count++] = transitive->items[i];
    for (i = 0; i < tags->count && status == STATUS_PERMITTED; i++) {
        char *value = NULL;

        status =
            expand(role, "tags", tags->items[i].at, tags->items[i].value, values, &value, outcome);
        call->tags[i] = (struct sts_tag){tags->items[i].key, value};
        call->tag_count = i + 1;
    }
    return status;
}

/* How many characters of UTF-8 a text has; none where there is none. */
static size_t characters(const char *text)
{
    size_t count = 0;

    for (; text != NULL && *text != '\0'; text++)
        count += ((unsigned char)*text & 0xc0) != 0x80;
    return count;
}

/*
 * What templates made longer than STS takes (API reference: a role name of 64 characters, a tag's
 * value of 256), where the refusal can still name the line.
 */
static enum status check_lengths(const struct role *role, const struct role_call *call,
                                 struct outcome *outcome)
{
    const char *name = strrchr(call->role_arn, '/');
    char shown[ESCAPE_MAX];
    size_t i;

    escape(shown, sizeof shown, role->name);
    if (call->tag_count > TAGS_MAX)
        return outcome_set(
            outcome, STATUS_MISCONFIGURED,
            "role %s at %s:%u has %zu tags with those that pam_xacct adds; AWS takes "
            "%zu",
            shown, role->at.file, role->at.line, call->tag_count, TAGS_MAX);
    if (name != NULL && strlen(name + 1) > ROLE_NAME_MAX)
        return outcome_set(outcome, STATUS_MISCONFIGURED,
                           "role %s at %s:%u: for this login its name has %zu characters; AWS "
                           "takes %zu",
                           shown, role->at.file, role->at.line, strlen(name + 1), ROLE_NAME_MAX);
    for (i = 0; i < call->tag_count; i++) {
        const struct tags *tags = &role->settings.tags;
        const struct position at = i < tags->count ? tags->items[i].at : role->at;
        size_t length = characters(call->tags[i].value);

        if (length > TAG_VALUE_MAX)
            return outcome_set(outcome, STATUS_MISCONFIGURED,
                               "tags of role %s at %s:%u: for this login the value of %s has %zu "
                               "characters; AWS takes %zu",
                               shown, at.file, at.line, call->tags[i].key, length, TAG_VALUE_MAX);
    }
    return STATUS_PERMITTED;
}

/* Puts the tags of the call into its parameters. */
static void set_tags(struct role_call *call)
{
    call->parameters.tags = call->tags;
    call->parameters.tag_count = call->tag_count;
    call->parameters.transitive_tags = call->transitive_tags;
    call->parameters.transitive_tag_count = call->transitive_tag_count;
}

static void set_parameters(const struct role *role, struct role_call *call)
{
    const struct role_settings *settings = &role->settings;

    call->parameters = (struct sts_assume_role){
        .role_arn = call->role_arn,
        .session_name = call->session_name,
        .source_identity = call->source_identity[0] != '\0' ? call->source_identity : NULL,
        .external_id = settings->external_id,
        .policy = call->policy,
        .duration = settings->duration,
        .policy_arns = (const char *const *)settings->policy_arns.items,
        .policy_arn_count = settings->policy_arns.count,
    };
    set_tags(call);
}

enum status role_call_make(const struct host *host, const struct request *request,
                           const struct identity *identity, const struct role *role,
                           struct role_call *call, struct outcome *outcome)
{
    const struct role_settings *settings = &role->settings;
    struct template_values values = {.of = {
                                         [TEMPLATE_USER] = identity->user.name,
                                         [TEMPLATE_HUMAN] = identity->human,
                                         [TEMPLATE_ACCOUNT] = role->account->name,
                                         [TEMPLATE_ROLE] = role->name,
                                         [TEMPLATE_HOST] = host->name,
                                         [TEMPLATE_SERVICE] = request->service,
                                     }};
    enum status status;

    memset(call, 0, sizeof *call);
    status = name_session(role, identity, &values, call, outcome);
    values.of[TEMPLATE_SESSION_NAME] = call->session_name;
    if (status == STATUS_PERMITTED)
        status = expand(role, "its ARN", role->at, role->arn, &values, &call->role_arn, outcome);
    if (status == STATUS_PERMITTED && settings->session_policy != NULL)
        status = expand(role, "policy", settings->session_policy_at, settings->session_policy,
                        &values, &call->policy, outcome);
    if (status == STATUS_PERMITTED)
        status = expand_tags(role, &values, call, outcome);
    if (status == STATUS_PERMITTED && role_call_has_target(request, role))
        status = add_name(role, TAG_TARGET, identity->user.name, call, outcome);
    if (status == STATUS_PERMITTED)
        status = check_lengths(role, call, outcome);
    set_parameters(role, call);
    return status;
}

/* The tag of this key among those that the call passes on, or NULL. */
static const struct sts_tag *passed_on(const struct role_call *call, const char *key)
{
    size_t i;

    for (i = 0; i < call->transitive_tag_count; i++)
        if (strcasecmp(call->transitive_tags[i], key) == 0)
            break;
    if (i == call->transitive_tag_count)
        return NULL;
    for (i = 0; i < call->tag_count; i++)
        if (strcasecmp(call->tags[i].key, key) == 0)
            return &call->tags[i];
    return NULL;
}

enum status role_call_keep_source_identity(struct role_call *call, const struct role *role,
                                           const struct identity *identity, const char *carried,
                                           struct outcome *outcome)
{
    char human[SESSION_NAME_MAX + 1];
    enum status status = STATUS_PERMITTED;

    call->parameters.source_identity = NULL;
    if (session_name(identity->human, human) != 0)
        return outcome_set(outcome, STATUS_UNAVAILABLE, "OpenSSL cannot hash the session name");
    if (strcmp(human, carried) == 0 || tags_find(&role->settings.tags, TAG_HUMAN) != NULL ||
        passed_on(call, TAG_HUMAN) != NULL)
        return STATUS_PERMITTED;
    status = add_name(role, TAG_HUMAN, identity->human, call, outcome);
    if (status == STATUS_PERMITTED)
        status = check_lengths(role, call, outcome);
    set_tags(call);
    return status;
}

/* Takes tag `i` out of the call. */
static void drop_tag(struct role_call *call, size_t i)
{
    const char *key = call->tags[i].key;
    size_t j;

    for (j = 0; j < call->transitive_tag_count; j++)
        if (strcasecmp(call->transitive_tags[j], key) == 0)
            call->transitive_tags[j--] = call->transitive_tags[--call->transitive_tag_count];
    free((char *)call->tags[i].value);
    call->tags[i] = call->tags[--call->tag_count];
}

enum status role_call_inherit_tags(struct role_call *call, const struct role *role,
                                   const struct role_call *before, struct outcome *outcome)
{
    char shown[ESCAPE_MAX];
    size_t i;

    for (i = 0; i < call->tag_count; i++) {
        const struct sts_tag *tag = passed_on(before, call->tags[i].key);

        if (tag != NULL && strcmp(tag->value, call->tags[i].value) != 0)
            return outcome_set(outcome, STATUS_MISCONFIGURED,
                               "the tag %s of role %s at %s:%u has another value than a role of "
                               "its `base_role =` passes on, and STS would refuse it",
                               tag->key, escape(shown, sizeof shown, role->name), role->at.file,
                               role->at.line);
    }
    for (i = 0; i < call->tag_count; i++)
        if (passed_on(before, call->tags[i].key) != NULL)
            drop_tag(call, i--);
    set_tags(call);
    return STATUS_PERMITTED;
}

void role_call_free(struct role_call *call)
{
    size_t i;

    for (i = 0; i < call->tag_count; i++)
        free((char *)call->tags[i].value);
    free(call->tags);
    free(call->transitive_tags);
    free(call->policy);
    free(call->role_arn);
    memset(call, 0, sizeof *call);
}
