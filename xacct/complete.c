/*
 * xacct complete: what a shell may offer for the last of the words behind "xacct", one a line.
 * Silent on every failure, as it runs while somebody is typing.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "xacct/commands.h"
#include "xacct/options.h"
#include "xacct/roles.h"
#include "xacct/text.h"

#define COMPLETE_MS 1000

static bool begins(const char *candidate, const char *word)
{
    return strncmp(candidate, word, strlen(word)) == 0;
}

static void offer(struct text *text, const char *candidate, const char *word)
{
    /* A name with a newline in it would pass for two. */
    if (!begins(candidate, word) || strpbrk(candidate, "\n\r\t \x1b") != NULL)
        return;
    text_add(text, candidate);
    text_add(text, "\n");
}

static void offer_commands(struct text *text, const struct command *command, const char *word)
{
    for (; command->name != NULL; command++)
        if (!command->hidden)
            offer(text, command->name, word);
}

static void offer_options(struct text *text, const struct command *command, const char *word)
{
    unsigned i;

    for (i = 0; i < OPTION_COUNT; i++)
        if ((command->options & OPTION_BIT(i)) != 0 && !option_forms[i].hidden)
            offer(text, option_forms[i].name, word);
    offer(text, "--help", word);
}

/* The roles that begin so; or else those of the accounts that do. */
static void offer_roles(struct text *text, const char *socket, const char *word)
{
    struct roles roles;
    struct client client;
    size_t i;

    client_init(&client, socket);
    if (roles_ask(&client, COMPLETE_MS, &roles)) {
        for (i = 0; i < roles.count; i++)
            offer(text, roles.all[i].name, word);
        for (i = 0; text->length == 0 && i < roles.count; i++)
            if (roles.all[i].account != NULL && begins(roles.all[i].account, word))
                offer(text, roles.all[i].name, "");
    }
    roles_free(&roles);
    client_close(&client);
}

int command_complete(const struct invocation *invocation)
{
    int count = invocation->operand_count, i;
    const char *word = count > 0 ? invocation->operands[count - 1] : "";
    const struct command *command = count > 1 ? command_find(invocation->operands[0]) : NULL;
    struct text text = TEXT_EMPTY;
    int status = EXIT_FINE;

    for (i = 1; i < count - 1; i++)
        if (strcmp(invocation->operands[i], "--") == 0)
            return EXIT_FINE;
    if (count <= 1) {
        offer_commands(&text, commands, word);
        offer_commands(&text, admin_commands, word);
    } else if (command != NULL && word[0] == '-') {
        offer_options(&text, command, word);
    } else if (command != NULL && command->takes_role) {
        offer_roles(&text, invocation->socket, word);
    }
    if (text.length > 0)
        status = text_print(&text);
    text_free(&text);
    return status;
}
