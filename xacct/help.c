/*
 * Help, from the tables of commands and options.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/help.h"

#include <stdio.h>
#include <string.h>

#include "xacct/options.h"
#include "xacct/text.h"

#define COLUMNS ((size_t)80) /* of a usage line, as far as its words allow */

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

static void add_commands(struct text *text, const struct command *command)
{
    for (; command->name != NULL; command++)
        if (!command->hidden)
            add_line(text, command->name, "", command->summary);
}

/* Adds one word of a usage line, or of the lines that it goes on in. */
static void add_word(struct text *text, size_t *column, size_t indent, const char *word)
{
    if (*column + 1 + strlen(word) > COLUMNS) {
        text_add(text, "\n");
        text_pad(text, indent);
        *column = indent;
    }
    text_addf(text, " %s", word);
    *column += 1 + strlen(word);
}

static void add_usage(struct text *text, const struct command *command)
{
    size_t indent = strlen("Usage: xacct ") + strlen(command->name), column = indent;
    char word[64];
    unsigned i;

    text_addf(text, "Usage: xacct %s", command->name);
    for (i = 0; i < OPTION_COUNT; i++)
        if ((command->options & OPTION_BIT(i)) != 0 && !option_forms[i].hidden) {
            const char *placeholder = option_forms[i].placeholder;

            snprintf(word, sizeof word, "[%s%s%s]", option_forms[i].name,
                     placeholder != NULL ? " " : "", placeholder != NULL ? placeholder : "");
            add_word(text, &column, indent, word);
        }
    if (*command->synopsis != '\0')
        add_word(text, &column, indent, command->synopsis);
    text_add(text, "\n\n");
}

int help_show(void)
{
    struct text text = TEXT_EMPTY;

    text_add(&text, "Usage: xacct [--socket PATH] COMMAND [ARGUMENT...]\n\n"
                    "Roles in AWS accounts that this host lets you use.\n\n");
    add_commands(&text, commands);
    text_add(&text, "\nFor whoever writes the policy, runs the host, or audits:\n\n");
    add_commands(&text, admin_commands);
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

    add_usage(&text, command);
    text_addf(&text, "%s\n\n", command->details);
    for (i = 0; i < OPTION_COUNT; i++)
        if ((command->options & OPTION_BIT(i)) != 0 && !option_forms[i].hidden)
            add_line(&text, option_forms[i].name,
                     option_forms[i].placeholder != NULL ? option_forms[i].placeholder : "",
                     option_forms[i].help);
    add_line(&text, "--help", "", "this");
    text_addf(&text, "\nExample: %s\n", command->example);
    return print(&text);
}
