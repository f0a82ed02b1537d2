/*
 * xacct exec: one command under a role.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "common/escape.h"
#include "xacct/assume.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct/options.h"
#include "xacct/variables.h"

/* Puts the role's variables in place of those that are here. */
static bool change_environment(const struct frame *reply)
{
    size_t cursor = 0;
    const char *string;

    while ((string = variables_to_unset(&cursor)) != NULL)
        unsetenv(string);
    cursor = 0;
    while ((string = variables_next(reply, &cursor)) != NULL) {
        char name[64], path[PATH_MAX];
        size_t length = strcspn(string, "=");

        if (length >= sizeof name)
            return false;
        memcpy(name, string, length);
        name[length] = '\0';
        if (setenv(name, variables_value(string, path, sizeof path), 1) != 0)
            return false;
    }
    return true;
}

/* Becomes the command. Returns the exit status when that fails. */
static int become(char **command)
{
    char shown[ESCAPE_MAX];
    int error;

    execvp(command[0], command);
    error = errno;
    complain("%s cannot be run: %s", escape(shown, sizeof shown, command[0]), strerror(error));
    return error == ENOENT ? EXIT_NOT_FOUND : EXIT_NOT_EXECUTABLE;
}

int command_exec(const struct invocation *invocation)
{
    struct client client;
    int64_t min_life;
    int status = EXIT_OURS;

    client_init(&client, invocation->socket);
    if (!options_min_life(invocation, &min_life) ||
        !assume(&client, invocation, invocation->operands[0], WIRE_PURPOSE_EXEC, min_life))
        goto done;
    if (!change_environment(&client.reply)) {
        complain("not enough memory for the environment: end some programs and try again");
        goto done;
    }
    client_close(&client);
    status = become(invocation->rest);

done:
    client_close(&client);
    return status;
}
