/*
 * The permission policies of the host's identities and of base roles: what they assume, and nothing
 * else.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/policy.h"
#include "xacct_admin/trust.h"

/* Adds a role to those of a signer, who is a base or a role. */
static void add(struct trust_run *trust, struct signers *signers, const struct base *base,
                const struct role *role, const char *arn)
{
    struct signer *items;
    size_t i;

    for (i = 0; i < signers->count; i++)
        if (signers->items[i].base == base && signers->items[i].role == role)
            break;
    if (i == signers->count) {
        items = arena_grow(&trust->memory, signers->items, signers->count, sizeof *items);
        if (items == NULL)
            return;
        signers->items = items;
        items[signers->count++] = (struct signer){.base = base, .role = role};
    }
    trust_add(trust, &signers->items[i].arns, arn);
}

/* Adds the calls that lead to a role: its own, and those for its base roles. */
static void add_chain(struct trust_run *trust, struct signers *signers, const struct role *role,
                      const char *arn)
{
    const struct base *base;

    for (; role != NULL && role->settings.via == VIA_HOST; role = role->settings.base_role) {
        if (role->settings.base_role != NULL)
            add(trust, signers, NULL, role->settings.base_role, arn);
        else
            for (base = role->settings.base; base != NULL; base = base->successor)
                add(trust, signers, base, NULL, arn);
        if (role->settings.base_role != NULL)
            arn = trust_pattern_of(trust, role->settings.base_role->arn);
    }
}

bool trust_signers(struct trust_run *trust, struct signers *signers)
{
    struct uses uses = {.items = NULL};
    size_t i;

    trust_uses(trust, &uses);
    for (i = 0; i < uses.count; i++) {
        if (!trust_check_paths(uses.items[i].role))
            return false;
        add_chain(trust, signers, uses.items[i].role, uses.items[i].arn);
    }
    return true;
}

json_t *trust_signer_policy(struct trust_run *trust, const struct signer *signer)
{
    json_t *policy = json_object(), *statements = json_array(), *statement = json_object();

    trust_put(trust, statement, "Effect", trust_text("Allow"));
    trust_put(trust, statement, "Action",
              json_pack("[sss]", "sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"));
    trust_put(trust, statement, "Resource", trust_texts(trust, &signer->arns));
    if (json_array_append_new(statements, statement) != 0)
        trust->failed = true;
    trust_put(trust, policy, "Version", trust_text("2012-10-17"));
    trust_put(trust, policy, "Statement", statements);
    return policy;
}
