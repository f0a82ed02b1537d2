/*
 * xacct trust: the command.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/trust.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "common/escape.h"
#include "helper/json.h"
#include "policy/template.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct_admin/escaped.h"

/* Characters without white space: IAM User Guide, "IAM and AWS STS quotas". */
#define TRUST_MOST      2048
#define PERMISSION_MOST 6144

void trust_note(struct trust_run *trust, const char *format, ...)
{
    va_list arguments;
    const char *text;

    va_start(arguments, format);
    text = arena_vformat(&trust->memory, format, arguments);
    va_end(arguments);
    trust_add(trust, &trust->notes, text);
}

void trust_add(struct trust_run *trust, struct texts *list, const char *text)
{
    if (text != NULL && !texts_have(list, text))
        texts_add(&trust->memory, list, arena_text(&trust->memory, text, strlen(text)));
}

void trust_put(struct trust_run *trust, json_t *object, const char *key, json_t *value)
{
    if (json_object_set_new(object, key, value) != 0)
        trust->failed = true;
}

json_t *trust_text(const char *text)
{
    return json_stringn(text, strlen(text));
}

static json_t *array_of(struct trust_run *trust, const struct texts *list)
{
    json_t *array = json_array();
    size_t i;

    for (i = 0; i < list->count; i++)
        if (json_array_append_new(array, trust_text(list->items[i])) != 0)
            trust->failed = true;
    return array;
}

json_t *trust_texts(struct trust_run *trust, const struct texts *list)
{
    return list->count == 1 ? trust_text(list->items[0]) : array_of(trust, list);
}

void trust_dump(struct trust_run *trust, const json_t *value, struct text *text)
{
    char *dumped = json_as_text(value, JSON_INDENT(2) | JSON_ENSURE_ASCII);

    if (dumped == NULL)
        trust->failed = true;
    else
        text_add(text, dumped);
    free(dumped);
}

const char *trust_pattern_of(struct trust_run *trust, const char *text)
{
    char *made = arena_alloc(&trust->memory, strlen(text) + 1, 1);

    if (made != NULL)
        template_mask(text, '*', made);
    return made;
}

/* Notes where a document is longer than IAM takes unless it is asked to. */
static void note_size(struct trust_run *trust, const json_t *policy, size_t most, const char *what)
{
    size_t size = json_dumpb(policy, NULL, 0, JSON_COMPACT);

    if (size > most)
        trust_note(trust, "it has %zu characters, and IAM takes %zu of %s", size, most, what);
}

static void print_notes(const struct trust_run *trust)
{
    size_t i;

    for (i = 0; i < trust->notes.count; i++)
        complain("trust: %s", trust->notes.items[i]);
}

/* Appends a document as --json has it, with its notes. Takes over `policy` and `about`. */
static void add_object(struct trust_run *trust, json_t *about, json_t *policy, struct text *text)
{
    trust_put(trust, about, "policy", policy);
    trust_put(trust, about, "notes", array_of(trust, &trust->notes));
    trust_dump(trust, about, text);
    json_decref(about);
}

/* Complains that there is no role of this name, and names those of an account of this name. */
static void complain_of_role(struct trust_run *trust, const char *name)
{
    const struct policy *policy = trust->reading.policy;
    char shown[ESCAPE_MAX];
    struct text roles = TEXT_EMPTY;
    size_t i;

    escape(shown, sizeof shown, name);
    for (i = 0; i < policy->role_count; i++) {
        if (strcmp(policy->roles[i].account->name, name) != 0)
            continue;
        text_add(&roles, roles.length > 0 ? ", " : "");
        escaped_add(&roles, policy->roles[i].name);
    }
    if (roles.length > 0)
        complain("trust: %s is an account: name one of its roles, which are %s", shown,
                 roles.bytes);
    else
        complain("trust: the policy has no role %s, and no pattern derives one of that name",
                 shown);
    text_free(&roles);
}

/* What the owner of a role's account applies. Returns the exit status. */
static int tell_role(struct trust_run *trust, const struct trust_form *form, struct text *text)
{
    const char *name = trust->invocation->operands[0];
    const struct role *role = trust_find_role(trust, name);
    json_t *policy;
    char shown[ESCAPE_MAX];

    if (role == NULL) {
        complain_of_role(trust, name);
        return EXIT_REFUSED;
    }
    if (!trust_check_paths(role))
        return EXIT_REFUSED;
    policy = trust_role_policy(trust, role);
    if (policy == NULL)
        return EXIT_REFUSED;
    note_size(trust, policy, TRUST_MOST, "a trust policy, unless its quota was raised to 4096");
    if (strstr(role->arn, "%{") != NULL)
        trust_note(trust, "the role's name is made for each login: this goes to each role of %s",
                   escape(shown, sizeof shown, role->arn));
    if (trust->invocation->value[OPTION_JSON] != NULL) {
        add_object(trust,
                   json_pack("{s:s, s:s, s:s, s:s?}", "role", role->name, "arn", role->arn,
                             "account", role->account->id, "external_id",
                             role->settings.external_id),
                   policy, text);
        text_add(text, "\n");
        return EXIT_FINE;
    }
    if (!trust_form_add(
            trust, form,
            &(struct trust_document){.name = role->name, .role = role, .policy = policy}, text)) {
        json_decref(policy);
        return EXIT_REFUSED;
    }
    json_decref(policy);
    print_notes(trust);
    return EXIT_FINE;
}

/* The name of a signer: that of a base as in its brackets, [base] itself being "base". */
static const char *signer_name(const struct signer *signer)
{
    if (signer->role != NULL)
        return signer->role->name;
    return signer->base->name[0] != '\0' ? signer->base->name : "base";
}

/* One signer's permission policy. */
static void tell_signer(struct trust_run *trust, const struct trust_form *form,
                        const struct signer *signer, struct text *text)
{
    json_t *policy = trust_signer_policy(trust, signer);
    const char *name = signer_name(signer);
    const char *arn = signer->role != NULL ? signer->role->arn : signer->base->role_arn;
    char shown[ESCAPE_MAX];
    size_t i;

    trust->notes.count = 0;
    note_size(trust, policy, PERMISSION_MOST, "a managed policy");
    for (i = 0; i < signer->arns.count; i++)
        if (strchr(signer->arns.items[i], '*') != NULL)
            trust_note(
                trust,
                "%s: the `*` stands for what a login fills in, and IAM takes it for any text",
                escape(shown, sizeof shown, signer->arns.items[i]));
    if (trust->invocation->value[OPTION_JSON] != NULL) {
        add_object(trust,
                   json_pack("{s:s, s:s, s:s?}", "kind", signer->role != NULL ? "role" : "base",
                             "name", name, "arn", arn),
                   policy, text);
        return;
    }
    complain("trust: this is for %s %s", signer->role != NULL ? "the role" : "the identity of",
             signer->role != NULL ? escape(shown, sizeof shown, arn)
                                  : arena_format(&trust->memory, "[%s]", signer->base->title));
    trust_form_add(trust, form, &(struct trust_document){.name = name, .policy = policy}, text);
    json_decref(policy);
    print_notes(trust);
}

/* What the bastion's own identities are to have. Returns the exit status. */
static int tell_signers(struct trust_run *trust, const struct trust_form *form, struct text *text)
{
    const bool json = trust->invocation->value[OPTION_JSON] != NULL;
    const char *wanted =
        trust->invocation->operand_count > 0 ? trust->invocation->operands[0] : NULL;
    struct signers signers = {.items = NULL};
    size_t i, told = 0;
    char shown[ESCAPE_MAX];

    if (!trust_signers(trust, &signers))
        return EXIT_REFUSED;
    text_add(text, json ? "[" : "");
    for (i = 0; i < signers.count; i++) {
        if (wanted != NULL && strcmp(wanted, signer_name(&signers.items[i])) != 0)
            continue;
        if (json && told > 0)
            text_add(text, ",\n");
        tell_signer(trust, form, &signers.items[i], text);
        told++;
    }
    text_add(text, json ? "]\n" : "");
    if (told > 0)
        return EXIT_FINE;
    if (wanted != NULL)
        complain("trust: no role in use is assumed by a base or base role called %s",
                 escape(shown, sizeof shown, wanted));
    else
        complain("trust: no grant and no pattern gives a role that the host assumes, so there is "
                 "nothing to permit");
    return EXIT_REFUSED;
}

/* Whether the options go together. Returns false after a complaint. */
static bool check_options(const struct invocation *invocation, const struct trust_form *form)
{
    const char *const *value = invocation->value;
    char shown[ESCAPE_MAX];

    if (form == NULL)
        complain("trust: --format %s is none: json, cloudformation, terraform, awscli, "
                 "awscli-create",
                 escape(shown, sizeof shown, value[OPTION_FORMAT]));
    else if (value[OPTION_JSON] != NULL && value[OPTION_FORMAT] != NULL)
        complain("trust: --json and --format are two ways to print it: leave one out");
    else if (value[OPTION_BASE] == NULL && invocation->operand_count == 0)
        complain("trust: name a role, or give --base for the bastion's own identity: see xacct "
                 "trust --help");
    else if (value[OPTION_BASE] != NULL &&
             (value[OPTION_TRUSTED] != NULL || value[OPTION_PROVIDER] != NULL ||
              value[OPTION_AUDIENCE] != NULL))
        complain("trust: --principal, --provider and --audience are for a role's trust policy: "
                 "leave them out with --base");
    else
        return true;
    return false;
}

int command_trust(const struct invocation *invocation)
{
    const struct trust_form *form = trust_form_find(invocation->value[OPTION_FORMAT]);
    struct trust_run trust = {.invocation = invocation, .now = time(NULL)};
    struct text text = TEXT_EMPTY;
    int status = EXIT_USAGE;

    if (!check_options(invocation, form))
        return EXIT_USAGE;
    if (!reading_open(&trust.reading, reading_given(invocation)))
        goto done;
    status = invocation->value[OPTION_BASE] != NULL ? tell_signers(&trust, form, &text)
                                                    : tell_role(&trust, form, &text);
    if (trust.failed || trust.memory.exhausted)
        text.failed = true;
    if ((status == EXIT_FINE || text.failed) && text_print(&text) != 0)
        status = EXIT_REFUSED;

done:
    text_free(&text);
    arena_free(&trust.memory);
    reading_end(&trust.reading);
    return status;
}
