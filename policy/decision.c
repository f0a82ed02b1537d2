/*
 * What can be read off a decision.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>

#include "common/wire.h"
#include "policy/decide.h"

const struct permitted_role *decision_find_role(const struct decision *decision, const char *name)
{
    size_t i;

    for (i = 0; i < decision->role_count; i++)
        if (strcmp(decision->roles[i].role->name, name) == 0)
            return &decision->roles[i];
    return NULL;
}

bool permitted_role_is_ending(const struct permitted_role *permitted, time_t now)
{
    return permitted->ends != 0 && permitted->ends - now < SHORTEST_LIFE;
}

const struct permitted_role *decision_start_role(const struct decision *decision, time_t now)
{
    const struct permitted_role *role = NULL;
    size_t i;

    if (decision->login_role != NULL)
        role = decision_find_role(decision, decision->login_role->name);
    if (role == NULL || !permitted_role_is_ending(role, now))
        return role;
    for (i = 0; i < decision->role_count; i++)
        if (!permitted_role_is_ending(&decision->roles[i], now))
            return NULL;
    return role;
}

void decision_free(struct decision *decision)
{
    if (decision == NULL)
        return;
    free(decision->roles);
    arena_free(&decision->memory);
    /* The status that is all zero is "permitted". */
    *decision = (struct decision){.status = STATUS_UNAVAILABLE};
}
