/*
 * What AWS would make of the roles.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <jansson.h>
#include <stdlib.h>
#include <string.h>

#include "xacct_admin/checks.h"

/* A fragment of the policy lies in its folder conf.d and is no session policy. */
static bool is_fragment(const struct policy *policy, const char *path)
{
    size_t folder = strlen(policy->fragments);

    return strncmp(path, policy->fragments, folder) == 0 && path[folder] == '/' &&
           strchr(path + folder + 1, '/') == NULL &&
           strcmp(path + strlen(path) - strlen(".conf"), ".conf") == 0;
}

void check_session_policies(const struct policy *policy, struct findings *findings)
{
    size_t i;

    for (i = 1; i < policy->file_count; i++) {
        const struct policy_file *file = &policy->files[i];
        json_error_t error;
        json_t *json;

        if (is_fragment(policy, file->path))
            continue;
        /* Templates stand in strings, where they are JSON already. */
        json = json_loadb(file->bytes, file->length, JSON_REJECT_DUPLICATES, &error);
        if (json == NULL)
            findings_add(findings, LINT_ERROR,
                         (struct position){file->path, (unsigned)(error.line > 0 ? error.line : 0)},
                         "column %d: not JSON, as a session policy is: %s", error.column,
                         error.text);
        json_decref(json);
    }
}

/* A thing of the policy under a word that others may have as well. */
struct claim {
    const char *word; /* a role's ARN, or an external id */
    const struct role *role;
    const struct account *account;
};

/* Roles of one ARN: one trust policy stands for all of them. */
static void compare_roles(const struct claim *first, const struct role *role,
                          struct findings *findings)
{
    const struct role_settings *one = &first->role->settings, *other = &role->settings;
    const char *what = NULL;

    if ((one->external_id == NULL) != (other->external_id == NULL) ||
        (one->external_id != NULL && strcmp(one->external_id, other->external_id) != 0))
        what = "external_id";
    else if (one->source_identity != other->source_identity)
        what = "source_identity";
    else if ((one->tags.count > 0) != (other->tags.count > 0))
        what = "tags";
    if (what != NULL)
        findings_add(findings, LINT_WARNING, role->at,
                     "[role %s] is the same AWS role as [role %s] and differs in %s: its one trust "
                     "policy has to allow both",
                     role->name, first->role->name, what);
}

/* Adds a claim. Returns the one that has the word, or NULL without memory. */
static const struct claim *stake(struct index *index, struct arena *memory, struct claim claim)
{
    struct claim *own = arena_alloc(memory, 1, sizeof *own);
    const struct claim *first = NULL;

    if (own != NULL) {
        *own = claim;
        first = index_add(index, own);
    }
    if (first == NULL)
        memory->exhausted = true;
    return first;
}

/* What stands in AWS's ExternalId condition is there to tell one client from another. */
static void check_account(const struct claim *first, const struct account *account,
                          struct findings *findings)
{
    if (first->account != account && strcmp(first->account->id, account->id) != 0)
        findings_add(findings, LINT_WARNING, account->at,
                     "[account %s] has the external_id of [account %s]; each client has its own, "
                     "so that none can have us act for another",
                     account->name, first->account->name);
}

void check_trust(const struct policy *policy, struct findings *findings)
{
    struct index arns = {.table = NULL}, external_ids = {.table = NULL};
    struct arena memory = {NULL, false};
    const struct claim *first;
    size_t i;

    for (i = 0; i < policy->role_count; i++) {
        const struct role *role = &policy->roles[i];

        first = stake(&arns, &memory, (struct claim){role->arn, role, role->account});
        if (first != NULL && first->role != role)
            compare_roles(first, role, findings);
    }
    for (i = 0; i < policy->account_count; i++) {
        const struct account *account = &policy->accounts[i];

        if (account->settings.external_id == NULL)
            continue;
        first = stake(&external_ids, &memory,
                      (struct claim){account->settings.external_id, NULL, account});
        if (first != NULL)
            check_account(first, account, findings);
    }
    if (memory.exhausted)
        findings->memory.exhausted = true;
    index_free(&arns);
    index_free(&external_ids);
    arena_free(&memory);
}
