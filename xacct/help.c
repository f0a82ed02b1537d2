/*
 * Help, from the tables of commands and options.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/help.h"

#include <stdio.h>

#include "xacct/options.h"
#include "xacct/text.h"

/* One line of a list: two blanks, a name in a column, and what it is. */
static void add_line(struct text *text, const char *name, const char *placeholder, const char *what)
{
    char left[48];

    snprintf(left, sizeof left, "%s%s%s", name, *placeholder != '\0' ? " " : "", placeholder);
    text_addf(text, "  %-18s %s\n", left, what);
}

static int print(struct text *text)
{
    int status = text_print(text);

    text_free(text);
    return status;
}

int help_show(void)
{
    struct text text = TEXT_EMPTY;
    const struct command *command;

    text_add(&text, "Usage: xacct [--socket PATH] COMMAND [ARGUMENT...]\n\n"
                    "Roles in AWS accounts that this host lets you use.\n\n");
    for (command = commands; command->name != NULL; command++)
        if (!command->hidden)
            add_line(&text, command->name, "", command->summary);
    text_add(&text, "\n");
    add_line(&text, "--socket", "PATH", "of the service (default: " SOCKET_DEFAULT ")");
    add_line(&text, "--help", "", "this, or with a command what that does");
    add_line(&text, "--version", "", "of this xacct");
    text_add(&text, "\nExit status: 0 fine, 1 refused or failed, 2 wrong usage.\n"
                    "Example: xacct exec client-a-audit -- aws s3 ls\n");
    return print(&text);
}

int help_show_command(const struct command *command)
{
    struct text text = TEXT_EMPTY;
    unsigned i;

    text_addf(&text, "Usage: xacct %s", command->name);
    for (i = 0; i < OPTION_COUNT; i++)
        if ((command->options & OPTION_BIT(i)) != 0 && !option_forms[i].hidden)
            text_addf(&text, " [%s%s%s]", option_forms[i].name,
                      option_forms[i].placeholder != NULL ? " " : "",
                      option_forms[i].placeholder != NULL ? option_forms[i].placeholder : "");
    text_addf(&text, "%s%s\n\n%s\n\n", *command->synopsis != '\0' ? " " : "", command->synopsis,
              command->details);
    for (i = 0; i < OPTION_COUNT; i++)
        if ((command->options & OPTION_BIT(i)) != 0 && !option_forms[i].hidden)
            add_line(&text, option_forms[i].name,
                     option_forms[i].placeholder != NULL ? option_forms[i].placeholder : "",
                     option_forms[i].help);
    add_line(&text, "--help", "", "this");
    text_addf(&text, "\nExample: %s\n", command->example);
    return print(&text);
}
