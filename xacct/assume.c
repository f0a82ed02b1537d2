/*
 * Asking for credentials.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/assume.h"

#include <stdlib.h>
#include <string.h>

#include "xacct/complain.h"
#include "xacct/roles.h"
#include "xacct/variables.h"

#define HINT_MS 1000

void complain_about_role(const struct client *client, const char *role)
{
    bool refused = client->status == STATUS_DENIED || client->status == STATUS_NO_GRANT;
    struct roles roles = {.all = NULL};
    char hint[1200] = "";
    struct client asking;

    client_init(&asking, client->socket);
    if (refused && roles_ask(&asking, HINT_MS, &roles) && roles_find(&roles, role) == NULL)
        roles_hint(&roles, role, hint, sizeof hint);
    client_close(&asking);
    roles_free(&roles);
    complain("%s%s", client->failure, hint);
}

bool assume(struct client *client, const struct invocation *invocation, const char *role,
            const char *purpose, int64_t min_life)
{
    const struct question question = {.op = WIRE_OP_ASSUME,
                                      .role = role,
                                      .purpose = purpose,
                                      .min_life = min_life,
                                      .fresh = invocation->value[OPTION_FRESH] != NULL,
                                      .timeout_ms = CLIENT_ASSUME_MS};
    const char *current = getenv("XACCT_ROLE");
    char why[256];

    switch (client_ask(client, &question)) {
    case ANSWER_PERMITTED:
        break;
    case ANSWER_REFUSED:
        if (current == NULL || strcmp(role, current) != 0) {
            complain_about_role(client, role);
            return false;
        }
        client_complain(client);
        return false;
    default:
        client_complain(client);
        return false;
    }
    if (variables_check(&client->reply, why, sizeof why))
        return true;
    complain("the reply of the xacct service is not used: %s: tell the admin of this host", why);
    return false;
}
