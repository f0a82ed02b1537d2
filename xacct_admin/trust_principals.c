/*
 * Whom a role's trust policy names.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>
#include <unistd.h>

#include "common/escape.h"
#include "policy/arn.h"
#include "policy/load.h"
#include "xacct/complain.h"
#include "xacct_admin/helper_ask.h"
#include "xacct_admin/trust.h"

#define HOW_TO_KNOW                                                                                \
    "give it by --principal ARN: what `xacct doctor --only base` shows as root, or `aws sts "      \
    "get-caller-identity` with the bastion's own keys"

/*
 * Adds the role of a session, of which its ARN has the name without the path: with and without one,
 * as an account has one role of a name (IAM User Guide, "IAM identifiers").
 */
static bool add_assumed(struct trust_run *trust, const struct arn *arn, struct trusted *trusted)
{
    const char *name = arn->resource + strlen("assumed-role/");
    const int length = (int)strcspn(name, "/");
    const int partition = (int)arn->partition_length, account = (int)arn->account_length;
    const char *plain = arena_format(&trust->memory, "arn:%.*s:iam::%.*s:role/%.*s", partition,
                                     arn->partition, account, arn->account, length, name);
    const char *below = arena_format(&trust->memory, "arn:%.*s:iam::%.*s:role/*/%.*s", partition,
                                     arn->partition, account, arn->account, length, name);

    if (length == 0 || name[length] == '\0')
        return false;
    trust_add(trust, &trusted->arns, plain);
    trust_add(trust, &trusted->arns, below);
    trusted->is_pattern = true;
    trust_note(trust,
               "the ARN of a session does not tell its role's path, so that role %.*s is named "
               "with and without one; give the role's own ARN by --principal for that alone",
               length, name);
    return true;
}

/* Adds an identity by its ARN. Returns false after a complaint. */
static bool add_identity(struct trust_run *trust, const char *said, struct trusted *trusted)
{
    char shown[ESCAPE_MAX];
    struct arn arn;

    if (said[strspn(said, TRUST_ARN_BYTES)] == '\0') {
        if (arn_parse(said, &arn) && arn_has_account_id(&arn) &&
            (strncmp(arn.resource, "user/", 5) == 0 || strncmp(arn.resource, "role/", 5) == 0) &&
            arn.resource[5] != '\0' && strchr(arn.resource, ':') == NULL) {
            trust_add(trust, &trusted->arns, said);
            return true;
        }
        if (arn_parse_of("sts", said, &arn) && arn_has_account_id(&arn) &&
            strncmp(arn.resource, "assumed-role/", 13) == 0 && add_assumed(trust, &arn, trusted))
            return true;
    }
    complain("trust: %s is not the ARN of an IAM user, a role or a role's session, and no other "
             "identity is to be trusted; " HOW_TO_KNOW,
             escape(shown, sizeof shown, said));
    return false;
}

/* Adds the ARNs of --principal. Names may hold commas; what begins an ARN behind one, none may. */
static bool add_given(struct trust_run *trust, const char *list, struct trusted *trusted)
{
    const char *next, *one;

    for (; list != NULL; list = next != NULL ? next + 1 : NULL) {
        next = strstr(list, ",arn:");
        one = arena_text(&trust->memory, list, next != NULL ? (size_t)(next - list) : strlen(list));
        if (one == NULL || !add_identity(trust, one, trusted))
            return false;
    }
    return true;
}

/* Asks the helper who a base is. Returns false after a complaint. */
static bool add_asked(struct trust_run *trust, const struct base *base, struct trusted *trusted)
{
    struct helper_asker asker;
    const struct helper_answer *answer;
    char shown[ESCAPE_MAX];

    helper_asker_begin(&asker, trust->invocation->socket, &trust->memory);
    answer =
        helper_ask(&asker, &(struct helper_question){.base = base->name, .region = base->region});
    if (!answer->is_answered || !answer->is_fine || answer->arn == NULL) {
        complain("trust: the policy does not say who [%s] is, and the helper could not find out: "
                 "%s; " HOW_TO_KNOW,
                 base->title, escape_sentence(shown, sizeof shown, answer->reason));
        return false;
    }
    if (!add_identity(trust, answer->arn, trusted))
        return false;
    trust_note(trust, "[%s] is %s, as AWS told the helper of this host just now", base->title,
               escape(shown, sizeof shown, answer->arn));
    return true;
}

/* Adds a base: by the policy, or by whom else knows. Returns false after a complaint. */
static bool add_base(struct trust_run *trust, const struct base *base, struct trusted *trusted)
{
    if (base->role_arn != NULL)
        return add_identity(trust, base->role_arn, trusted);
    if (geteuid() == 0 && reading_is_in_place(&trust->reading))
        return add_asked(trust, base, trusted);
    complain("trust: the policy does not say who [%s] (source = %s) is; " HOW_TO_KNOW
             "; root is told by the helper, of the policy in place",
             base->title, base_source_names[base->source]);
    return false;
}

bool trust_principals(struct trust_run *trust, const struct role *role, struct trusted *trusted)
{
    const char *given = trust->invocation->value[OPTION_TRUSTED];
    const struct role *before = role->settings.base_role;
    const struct base *base;

    if (before != NULL && given != NULL) {
        complain("trust: this role is assumed by its `base_role =`, which the policy knows: leave "
                 "--principal out");
        return false;
    }
    if (before != NULL) {
        trust_add(trust, &trusted->arns, trust_pattern_of(trust, before->arn));
        trusted->is_pattern = strstr(before->arn, "%{") != NULL;
        return true;
    }
    if (given != NULL)
        return add_given(trust, given, trusted);
    for (base = role->settings.base; base != NULL; base = base->successor)
        if (!add_base(trust, base, trusted))
            return false;
    return true;
}
