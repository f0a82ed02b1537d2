/*
 * xacct default: the role that the next login starts with.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <locale.h>

#include "xacct/assume.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct/roles.h"
#include "xacct/terminal.h"

/* Says which role it is. */
static int show(const struct invocation *invocation)
{
    struct text text = TEXT_EMPTY;
    struct roles roles;
    size_t i;
    int status;

    if (!roles_get(invocation->socket, &roles))
        return EXIT_REFUSED;
    for (i = 0; i < roles.count; i++)
        if (roles.all[i].is_default) {
            shown_add(&text, roles.all[i].name, 0);
            text_add(&text, roles.all[i].chosen ? " (your choice)\n" : " (the host's choice)\n");
        }
    if (text.length == 0)
        text_add(&text, "none\n");
    status = text_print(&text);
    text_free(&text);
    roles_free(&roles);
    return status;
}

/* Makes `role` the choice, or takes the choice back where it is NULL. */
static int choose(const struct invocation *invocation, const char *role)
{
    const struct question question = {
        .op = WIRE_OP_DEFAULT, .role = role, .timeout_ms = CLIENT_ASK_MS};
    struct text text = TEXT_EMPTY;
    struct client client;
    enum answer answer;
    int status = EXIT_REFUSED;

    client_init(&client, invocation->socket);
    answer = client_ask(&client, &question);
    if (answer == ANSWER_REFUSED && role != NULL) {
        complain_about_role(&client, role);
    } else if (answer != ANSWER_PERMITTED) {
        client_complain(&client);
    } else {
        if (role == NULL) {
            text_add(&text, "your choice is taken back: the host chooses at your next login\n");
        } else {
            text_add(&text, "your next login starts with ");
            shown_add(&text, role, 0);
            text_add(&text, "\n");
        }
        status = text_print(&text);
    }
    text_free(&text);
    client_close(&client);
    return status;
}

int command_default(const struct invocation *invocation)
{
    const char *role = invocation->operand_count > 0 ? invocation->operands[0] : NULL;

    setlocale(LC_CTYPE, "");
    if (invocation->value[OPTION_CLEAR] == NULL)
        return role == NULL ? show(invocation) : choose(invocation, role);
    if (role != NULL) {
        complain("default: name a role or use --clear, not both");
        return invocation->command->usage_status;
    }
    return choose(invocation, NULL);
}
