/*
 * xacct switch: another role for the shell that evaluates the text.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xacct/choice.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct/role_text.h"

/* The role that was named, or the one that the user chooses; the caller frees it. NULL after a
 * complaint. */
static char *find_role(const struct invocation *invocation)
{
    struct roles roles;
    char *role = NULL;

    if (invocation->operand_count > 0) {
        role = strdup(invocation->operands[0]);
        if (role == NULL)
            complain("not enough memory: end some programs and try again");
        return role;
    }
    if (!roles_get(invocation->socket, &roles))
        return NULL;
    if (roles.count == 0)
        complain("no role is yours at present: ask the admin of this host");
    else
        role = choose_role(&roles);
    roles_free(&roles);
    return role;
}

int command_switch(const struct invocation *invocation)
{
    const struct dialect *dialect = role_text_dialect(invocation, true);
    char *role = NULL;
    int status = EXIT_REFUSED;

    if (dialect == NULL)
        return invocation->command->usage_status;
    if (isatty(STDOUT_FILENO)) {
        complain("switch changes the shell that evaluates what it prints, and here none does: %s, "
                 "or use eval \"$(xacct switch ROLE)\"",
                 role_text_how_to_load());
        return EXIT_REFUSED;
    }
    role = find_role(invocation);
    if (role != NULL)
        status = role_text_print(invocation, dialect, role, WIRE_PURPOSE_SWITCH);
    free(role);
    return status;
}
