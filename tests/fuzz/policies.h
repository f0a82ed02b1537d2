/*
 * Policies out of inputs.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_FUZZ_POLICIES_H
#define XACCT_TESTS_FUZZ_POLICIES_H

#include <string.h>

#include "policy/decide.h"
#include "policy/load.h"
#include "tests/fuzz/fuzz.h"

#define POLICY_PATH "/etc/xacct/xacct.conf"

/* What an admin is told of a policy that is refused: something at least, of a file of it. */
static inline void look_at_errors(const struct policy *policy, struct policy_errors *errors)
{
    size_t i;

    PROMISE((policy == NULL) == (errors->count > 0));
    for (i = 0; i < errors->count; i++) {
        const char *byte;

        PROMISE(errors->items[i].file != NULL && errors->items[i].text[0] != '\0');
        /* A file's name may be anything; of what is in it, tabs and bytes from 0x80 up are quoted.
         */
        for (byte = errors->items[i].text; errors->items[i].line > 0 && *byte != '\0'; byte++)
            PROMISE(*byte == '\t' || ((unsigned char)*byte >= ' ' && *byte != 0x7f));
    }
    policy_errors_free(errors);
}

/* The policy of these files, or NULL. Nothing on disk is trusted but what root wrote there. */
static inline struct policy *policy_of(const struct policy_overlay *files, size_t count)
{
    static const struct trust trust = {.group = 0, .largest = 1024 * 1024};
    struct policy_errors errors;
    struct policy *policy = policy_parse_files(files, count, &trust, &errors);

    look_at_errors(policy, &errors);
    return policy;
}

static inline struct policy *policy_of_text(const char *text)
{
    const struct policy_overlay file = {.path = POLICY_PATH, .bytes = text, .length = strlen(text)};

    return policy_of(&file, 1);
}

/* What one login is told, for comparing. */
struct told {
    enum status status;
    bool undecided;
    size_t roles;
    char names[2048]; /* of the roles and of the one at login; cut */
};

static inline struct told told_by(const struct decision *decision)
{
    struct told told = {decision->status, decision->undecided, decision->role_count, ""};
    size_t used = 0, i;

    for (i = 0; i < decision->role_count && used < sizeof told.names; i++)
        used += (size_t)snprintf(told.names + used, sizeof told.names - used, "%s %s\n",
                                 decision->roles[i].role->name, decision->roles[i].role->arn);
    if (decision->login_role != NULL && used < sizeof told.names)
        snprintf(told.names + used, sizeof told.names - used, "*%s", decision->login_role->name);
    return told;
}

static inline bool told_same(const struct told *one, const struct told *other)
{
    return one->status == other->status && one->undecided == other->undecided &&
           one->roles == other->roles && strcmp(one->names, other->names) == 0;
}

#endif
