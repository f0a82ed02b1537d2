/*
 * Names to count by.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/asker.h"

#include <stdio.h>
#include <string.h>

#include "policy/decide.h"

static bool is_a_humans(const struct request *request, const struct policy *policy)
{
    if (!request->has_loginuid || strcmp(request->service, "sshd") == 0)
        return false;
    return policy != NULL ? policy_is_managed(policy, request->loginuid) : request->loginuid != 0;
}

void asker_of_login(char name[ASKER_SIZE], const struct request *request,
                    const struct policy *policy, const char *human)
{
    const char *user = request->user, *as = human != NULL ? " as " : "";

    human = human != NULL ? human : "";
    if (is_a_humans(request, policy)) {
        snprintf(name, ASKER_SIZE, "login uid %u%s%s", (unsigned)request->loginuid, as, human);
        return;
    }
    if (match_names_caller(request->service) && request->ruser[0] != '\0')
        user = request->ruser;
    snprintf(name, ASKER_SIZE, "user %s%s%s", user, as, human);
}

void asker_of_identity(char name[ASKER_SIZE], const struct identity *identity)
{
    snprintf(name, ASKER_SIZE, "user %s as %s", identity->user.name, identity->human);
}
