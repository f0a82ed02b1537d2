/*
 * What the policy gives a human.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "common/escape.h"
#include "helper/session_name.h"
#include "policy/pattern.h"
#include "policy/template.h"
#include "xacct_admin/nss.h"
#include "xacct_admin/revoke.h"

static void add_role(struct revoke_run *run, const struct role *role)
{
    char *arn = arena_alloc(&run->memory, strlen(role->arn) + 1, 1);
    struct revoked_role *added;

    if (arn == NULL)
        return;
    template_mask(role->arn, '*', arn);
    added = revoke_role(run, arn);
    if (added == NULL)
        return;
    added->is_permitted = true;
    added->account = role->account->name;
    added->account_id = role->account->id;
}

/* Whether the grant names the human, or a group that they are in or may be in. */
static bool names(const struct revoke_run *run, const struct grant *grant,
                  const struct nss_login *login)
{
    size_t i;

    if (texts_have(&grant->who.users, run->human) || texts_have(&grant->who.principals, run->human))
        return true;
    for (i = 0; login->in_group != NULL && i < grant->who.group_count; i++)
        if (login->in_group[grant->who.groups[i]] != ANSWER_NO)
            return true;
    return false;
}

/* Adds what the groups give by a pattern. */
static void add_derived(struct revoke_run *run, const struct pattern *pattern,
                        const struct nss_login *login)
{
    struct derived_roles derived = {.memory = &run->memory};
    const struct role *role;
    size_t i;

    for (i = 0; !grant_has_ended(&pattern->rule, run->at) && i < login->names.count; i++)
        if (pattern_split(run->reading.policy, pattern, login->names.items[i], &derived, &role) ==
            SPLIT_ONE)
            add_role(run, role);
    derived_roles_end(&derived);
}

/* Asks NSS for a Unix user of this name; a human need not be one. */
static void look_up(struct revoke_run *run, struct nss_login *login)
{
    const struct nss_user user = {.name = run->human};
    char shown[ESCAPE_MAX];

    *login = (struct nss_login){.outcome = NSS_UNANSWERED};
    if (nss_find_login(run->reading.policy, user, deadline_in_ms(NSS_MS), &run->memory, login) ==
            0 &&
        (login->outcome == NSS_UNKNOWN ||
         (login->outcome == NSS_KNOWN && login->names_are_whole && login->unanswered == NULL)))
        return;
    run->incomplete = true;
    revoke_note(run,
                "NSS does not say in which groups %s is: roles that groups give may be missing",
                escape(shown, sizeof shown, run->human));
}

/* Adds the names by which AWS knows the human from any host of this policy. */
static void add_names(struct revoke_run *run)
{
    const struct policy *policy = run->reading.policy;
    char name[SESSION_NAME_MAX + 1];
    size_t i;

    if (session_name(run->human, name) != 0) {
        run->incomplete = true;
        revoke_note(run, "the name that AWS knows the human by cannot be made");
        return;
    }
    revoke_add(run, &run->identities, name);
    for (i = 0; i < policy->role_count; i++)
        if (policy->roles[i].settings.source_identity != YES)
            revoke_add(run, &run->names, name);
}

void revoke_read_policy(struct revoke_run *run)
{
    const struct policy *policy = run->reading.policy;
    struct nss_login login;
    size_t i, j;

    look_up(run, &login);
    for (i = 0; i < policy->grant_count; i++)
        if (!grant_has_ended(&policy->grants[i], run->at) && names(run, &policy->grants[i], &login))
            for (j = 0; j < policy->grants[i].role_count; j++)
                add_role(run, policy->grants[i].roles[j]);
    for (i = 0; i < policy->pattern_count; i++)
        add_derived(run, &policy->patterns[i], &login);
    add_names(run);
}
