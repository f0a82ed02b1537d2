/*
 * What xacct who is asked about.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "common/escape.h"
#include "policy/arn.h"
#include "xacct/complain.h"
#include "xacct_admin/who.h"

/* A role's ARN; that of an account, as arn:aws:iam::111122223333:root, is for its roles. */
static bool find_arn(const struct policy *policy, const char *word, struct who_target *target)
{
    char shown[ESCAPE_MAX], id[ACCOUNT_ID_LENGTH + 1];
    struct arn arn;

    if (!arn_parse(word, &arn) || !arn_has_account_id(&arn)) {
        complain("who: %s is no ARN of a role or an account: write one as "
                 "arn:aws:iam::111122223333:role/NAME",
                 escape(shown, sizeof shown, word));
        return false;
    }
    memcpy(id, arn.account, ACCOUNT_ID_LENGTH);
    id[ACCOUNT_ID_LENGTH] = '\0';
    target->account = policy_find_account_by_id(policy, id);
    if (target->account == NULL) {
        complain("who: %s is in the account %s, which is none of the policy's",
                 escape(shown, sizeof shown, word), id);
        return false;
    }
    if (strcmp(arn.resource, "root") == 0)
        return true;
    target->account = NULL;
    target->arn = word;
    return true;
}

bool who_target_find(const struct policy *policy, const char *word, struct who_target *target)
{
    const struct account *account;
    const struct role *role;
    char shown[ESCAPE_MAX];

    *target = (struct who_target){.account = NULL};
    if (word == NULL)
        return true;
    if (strncmp(word, "arn:", strlen("arn:")) == 0)
        return find_arn(policy, word, target);
    account = arn_is_account_id(word) ? policy_find_account_by_id(policy, word)
                                      : policy_find_account(policy, word);
    role = policy_find_role(policy, word);
    if (account != NULL && role != NULL) {
        complain("who: %s is an account and a role: write the account's id %s, or the role's ARN "
                 "%s",
                 escape(shown, sizeof shown, word), account->id, role->arn);
        return false;
    }
    target->account = account;
    /* Roles of patterns are named ACCOUNT/NAME, and known only once somebody has one. */
    if (role != NULL || (strchr(word, '/') != NULL && policy->pattern_count > 0))
        target->role = word;
    if (account == NULL && target->role == NULL)
        complain("who: the policy has no account and no role %s: write a name, an account's twelve "
                 "digits, or an ARN",
                 escape(shown, sizeof shown, word));
    return account != NULL || target->role != NULL;
}

bool who_target_holds(const struct who_target *target, const struct role *role)
{
    if (target->account != NULL)
        return role->account == target->account;
    if (target->role != NULL)
        return strcmp(role->name, target->role) == 0;
    return target->arn == NULL || strcmp(role->arn, target->arn) == 0;
}
