/*
 * The trust policy of a role: the calls that the helper makes, and no others.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "common/escape.h"
#include "policy/arn.h"
#include "xacct/complain.h"
#include "xacct_admin/trust.h"

/* Audiences are words or URLs. Without what IAM would expand: IAM User Guide, "IAM policy elements:
 * Variables and tags". */
#define AUDIENCE_BYTES                                                                             \
    "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-/:~%&#;!()"

static void put_text(struct trust_run *trust, json_t *object, const char *key, const char *text)
{
    trust_put(trust, object, key, trust_text(text));
}

/* Puts a condition, and its operator where that is not there yet. */
static void put_condition(struct trust_run *trust, json_t *conditions, const char *operator_name,
                          const char *key, json_t *value)
{
    json_t *of_operator = json_object_get(conditions, operator_name);

    if (of_operator != NULL) {
        trust_put(trust, of_operator, key, value);
        return;
    }
    of_operator = json_object();
    trust_put(trust, of_operator, key, value);
    trust_put(trust, conditions, operator_name, of_operator);
}

/* Who may do something: the principal, and the conditions that tell which of it. */
struct whom {
    json_t *principal;
    json_t *conditions;
};

/* Adds the statement that lets them, who stay the caller's, do one thing. Returns its conditions,
 * which are the statement's: those, and what is to be added; NULL without memory. */
static json_t *add_statement(struct trust_run *trust, json_t *statements, const char *sid,
                             const struct whom *whom, const char *action)
{
    json_t *statement = json_object(), *conditions = json_deep_copy(whom->conditions);

    put_text(trust, statement, "Sid", sid);
    put_text(trust, statement, "Effect", "Allow");
    trust_put(trust, statement, "Principal", json_incref(whom->principal));
    put_text(trust, statement, "Action", action);
    trust_put(trust, statement, "Condition", conditions);
    if (json_array_append_new(statements, statement) != 0)
        trust->failed = true;
    return trust->failed ? NULL : conditions;
}

/* Whether a session other than sshd's may have the role assumed. */
static bool serves_others(struct trust_run *trust, const struct role *role)
{
    struct uses uses = {.items = NULL};
    size_t i, j;

    trust_uses(trust, &uses);
    for (i = 0; i < uses.count; i++)
        for (j = 0;
             trust_use_takes(&uses.items[i], role) && j < uses.items[i].grant->services.count; j++)
            if (strcmp(uses.items[i].grant->services.items[j], "sshd") != 0)
                return true;
    return false;
}

/* Whether what signs the first call of the chain has a source identity of its own. */
static bool carries_identity(const struct role *role)
{
    const struct base *base;

    while (role->settings.base_role != NULL)
        role = role->settings.base_role;
    for (base = role->settings.base; base != NULL; base = base->successor)
        if (base->source_identity_fixed || base->source == BASE_ROLES_ANYWHERE)
            return true;
    return false;
}

/* Whether the session has a source identity: its own, or one that came along. */
static bool has_identity(const struct role *role)
{
    bool has = carries_identity(role);

    for (; role != NULL && !has; role = role->settings.base_role)
        has = role->settings.source_identity == YES;
    return has;
}

/* The keys of the tags that a session of the role may have, and of those that it passes on. What
 * was passed on to it counts as well: IAM User Guide, "Chaining roles with session tags". */
static void list_keys(struct trust_run *trust, const struct role *role, struct texts *keys,
                      struct texts *transitive)
{
    const bool has_target = serves_others(trust, role), has_human = carries_identity(role);
    const struct role *step;
    size_t i;

    for (i = 0; i < role->settings.tags.count; i++)
        trust_add(trust, keys, role->settings.tags.items[i].key);
    for (step = role; step != NULL; step = step->settings.base_role) {
        for (i = 0; i < step->settings.transitive_tags.count; i++)
            trust_add(trust, transitive, step->settings.transitive_tags.items[i]);
        if (has_target && tags_find(&step->settings.tags, TAG_TARGET) == NULL)
            trust_add(trust, transitive, TAG_TARGET);
        if (has_human && tags_find(&step->settings.tags, TAG_HUMAN) == NULL)
            trust_add(trust, transitive, TAG_HUMAN);
    }
    for (i = 0; i < transitive->count; i++)
        trust_add(trust, keys, transitive->items[i]);
}

/* The statement for session tags, where there are any. */
static void add_tags(struct trust_run *trust, const struct role *role, json_t *statements,
                     const struct whom *whom)
{
    /* What a base role has passed on is not sent again. */
    const char *equals = role->settings.base_role != NULL ? "StringEqualsIfExists" : "StringEquals";
    struct texts keys = {.items = NULL}, transitive = {.items = NULL};
    json_t *conditions;
    size_t i;

    list_keys(trust, role, &keys, &transitive);
    if (keys.count == 0)
        return;
    conditions = add_statement(trust, statements, "Tags", whom, "sts:TagSession");
    put_condition(trust, conditions, "ForAllValues:StringEquals", "aws:TagKeys",
                  trust_texts(trust, &keys));
    if (transitive.count > 0)
        put_condition(trust, conditions, "ForAllValues:StringEquals", "sts:TransitiveTagKeys",
                      trust_texts(trust, &transitive));
    for (i = 0; i < role->settings.tags.count; i++) {
        const struct tag *tag = &role->settings.tags.items[i];
        const char *key = arena_format(&trust->memory, "aws:RequestTag/%s", tag->key);

        if (key != NULL && strstr(tag->value, "%{") == NULL)
            put_condition(trust, conditions, equals, key, trust_text(tag->value));
    }
}

/* The accounts of these ARNs, as principals. */
static json_t *accounts_of(struct trust_run *trust, const struct texts *arns)
{
    struct texts roots = {.items = NULL};
    json_t *principal = json_object();
    struct arn arn;
    size_t i;

    for (i = 0; i < arns->count; i++)
        if (arn_parse(arns->items[i], &arn))
            trust_add(trust, &roots,
                      arena_format(&trust->memory, "arn:%.*s:iam::%.*s:root",
                                   (int)arn.partition_length, arn.partition,
                                   (int)arn.account_length, arn.account));
    trust_put(trust, principal, "AWS", trust_texts(trust, &roots));
    return principal;
}

static void add_host(struct trust_run *trust, const struct role *role,
                     const struct trusted *trusted, json_t *statements)
{
    /* The account and a condition: an ARN of a role or user as the principal becomes its id when
     * the policy is stored, which does not fit any more once the role was made anew (IAM User
     * Guide, "AWS JSON policy elements: Principal"). */
    const struct whom whom = {accounts_of(trust, &trusted->arns), json_object()};
    const char *operator_name = trusted->is_pattern ? "ArnLike" : "ArnEquals";
    json_t *conditions;

    put_condition(trust, whom.conditions, operator_name, "aws:PrincipalArn",
                  trust_texts(trust, &trusted->arns));
    conditions = add_statement(trust, statements, "Assume", &whom, "sts:AssumeRole");
    if (role->settings.external_id != NULL)
        put_condition(trust, conditions, "StringEquals", "sts:ExternalId",
                      trust_text(role->settings.external_id));
    else
        trust_note(trust, "the policy has no external id for it: `external_id =` in the account, "
                          "agreed upon with its owner, keeps others who use the same bastion's "
                          "account from having it assumed");
    add_tags(trust, role, statements, &whom);
    if (has_identity(role)) {
        conditions = add_statement(trust, statements, "Identity", &whom, "sts:SetSourceIdentity");
        put_condition(trust, conditions, "StringLike", "sts:SourceIdentity", trust_text("*"));
    }
    json_decref(whom.principal);
    json_decref(whom.conditions);
}

/* Whether the ARN is one of a provider of this kind in the account that the role is in. */
static bool is_provider(const char *text, const char *kind, const struct role *role)
{
    struct arn arn;

    return arn_parse(text, &arn) && arn_has_account(&arn, role->account->id) &&
           strncmp(arn.resource, kind, strlen(kind)) == 0 && arn.resource[strlen(kind)] != '\0' &&
           text[strspn(text, AUDIENCE_BYTES)] == '\0';
}

/* A role that users have assumed by a word of their own. Returns false after a complaint. */
static bool add_federated(struct trust_run *trust, const struct role *role, json_t *statements)
{
    const bool is_saml = role->settings.via == VIA_SAML;
    const char *kind = is_saml ? "saml-provider/" : "oidc-provider/";
    const char *provider = trust->invocation->value[OPTION_PROVIDER];
    const char *audience = trust->invocation->value[OPTION_AUDIENCE];
    struct whom whom;
    char shown[ESCAPE_MAX];

    if (provider == NULL || audience == NULL) {
        complain("trust: this role is assumed with the user's own word (via = %s), of which the "
                 "policy does not say whose it is: give --provider "
                 "arn:PARTITION:iam::%s:%sNAME, as IAM has it in that account, and --audience, "
                 "whom %s",
                 via_names[role->settings.via], role->account->id, kind,
                 is_saml ? "its assertions are for (SAML:aud)" : "its tokens are for (aud)");
        return false;
    }
    if (!is_provider(provider, kind, role)) {
        complain("trust: --provider %s is not arn:PARTITION:iam::%s:%sNAME",
                 escape(shown, sizeof shown, provider), role->account->id, kind);
        return false;
    }
    if (audience[strspn(audience, AUDIENCE_BYTES)] != '\0') {
        complain("trust: --audience %s has a character that is none of an audience's, or that IAM "
                 "would expand",
                 escape(shown, sizeof shown, audience));
        return false;
    }
    whom = (struct whom){json_object(), json_object()};
    put_text(trust, whom.principal, "Federated", provider);
    put_condition(
        trust, whom.conditions, "StringEquals",
        is_saml ? "SAML:aud"
                : arena_format(&trust->memory, "%s:aud", strstr(provider, kind) + strlen(kind)),
        trust_text(audience));
    add_statement(trust, statements, "Assume", &whom,
                  is_saml ? "sts:AssumeRoleWithSAML" : "sts:AssumeRoleWithWebIdentity");
    json_decref(whom.principal);
    json_decref(whom.conditions);
    trust_note(trust,
               "it lets everybody in who has such a word of the provider for this audience: narrow "
               "it by a condition on %s, as the policy's grants count on this bastion alone",
               is_saml ? "SAML:sub or another attribute" : "the token's sub");
    return true;
}

/* Complains of what goes with another kind of role alone. Returns whether there is nothing. */
static bool check_options(const struct trust_run *trust, bool is_federated)
{
    const char *const *value = trust->invocation->value;

    if (is_federated && value[OPTION_TRUSTED] != NULL) {
        complain("trust: --principal is for roles that the host assumes, and this one is assumed "
                 "with the user's own word: give --provider and --audience");
        return false;
    }
    if (!is_federated && (value[OPTION_PROVIDER] != NULL || value[OPTION_AUDIENCE] != NULL)) {
        complain("trust: --provider and --audience are for roles with via = web-identity or saml, "
                 "and the host assumes this one: leave them out");
        return false;
    }
    return true;
}

json_t *trust_role_policy(struct trust_run *trust, const struct role *role)
{
    const bool is_federated = role->settings.via != VIA_HOST;
    struct trusted trusted = {.is_pattern = false};
    json_t *policy = json_object(), *statements = json_array();
    bool fine = check_options(trust, is_federated);

    if (fine && is_federated) {
        fine = add_federated(trust, role, statements);
    } else if (fine) {
        fine = trust_principals(trust, role, &trusted);
        if (fine)
            add_host(trust, role, &trusted, statements);
    }
    put_text(trust, policy, "Version", "2012-10-17");
    trust_put(trust, policy, "Statement", statements);
    if (fine)
        return policy;
    json_decref(policy);
    return NULL;
}
