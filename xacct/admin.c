/*
 * The commands that read policies are in a program of their own, since this one links nothing but
 * libc.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct/options.h"

#define PROGRAM XACCT_LIBEXECDIR "/xacct-admin"

/* Adds the options that were given, each as one word. Returns false without memory. */
static bool add_options(const struct invocation *invocation, char **words, size_t *count)
{
    unsigned i;

    for (i = 0; i < OPTION_COUNT; i++) {
        bool with_value = option_forms[i].placeholder != NULL;

        if (invocation->value[i] == NULL)
            continue;
        if (asprintf(&words[*count], "%s%s%s", option_forms[i].name, with_value ? "=" : "",
                     invocation->value[i]) < 0)
            return false;
        ++*count;
    }
    return true;
}

/* Executes the program with the same command line. Returns the exit status when that fails. */
static int become_admin(const struct invocation *invocation)
{
    size_t operands = (size_t)invocation->operand_count, count = 3, i;
    char **words = calloc(OPTION_COUNT + operands + 5, sizeof *words);
    char *socket = NULL;

    if (words == NULL || asprintf(&socket, "--socket=%s", invocation->socket) < 0 ||
        !add_options(invocation, words, &count)) {
        complain("not enough memory for %s: end some programs and try again", PROGRAM);
    } else {
        words[0] = (char *)PROGRAM;
        words[1] = socket;
        words[2] = (char *)invocation->command->name;
        words[count] = (char *)"--";
        memcpy(words + count + 1, invocation->operands, operands * sizeof *words);
        execv(PROGRAM, words);
        complain("%s: %s cannot be run: %s; it is installed with xacct, by make install",
                 invocation->command->name, PROGRAM, strerror(errno));
    }
    for (i = 3; words != NULL && i < count; i++)
        free(words[i]);
    free(words);
    free(socket);
    return EXIT_USAGE;
}

int command_check(const struct invocation *invocation)
{
    return become_admin(invocation);
}

int command_diff(const struct invocation *invocation)
{
    return become_admin(invocation);
}

int command_explain(const struct invocation *invocation)
{
    return become_admin(invocation);
}

int command_doctor(const struct invocation *invocation)
{
    return become_admin(invocation);
}

int command_trust(const struct invocation *invocation)
{
    return become_admin(invocation);
}

int command_report(const struct invocation *invocation)
{
    return become_admin(invocation);
}

int command_who(const struct invocation *invocation)
{
    return become_admin(invocation);
}

int command_metrics(const struct invocation *invocation)
{
    return become_admin(invocation);
}

int command_trace(const struct invocation *invocation)
{
    return become_admin(invocation);
}

int command_revoke(const struct invocation *invocation)
{
    return become_admin(invocation);
}
