/*
 * xacct profiles: named profiles for the user's own AWS config.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <string.h>

#include "common/escape.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct/roles.h"
#include "xacct/text.h"

/* Bytes that mean themselves in a config file's section, in a value, and to the shell or the
 * word splitting that a credential_process goes through. */
#define PLAIN_BYTES "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_+=,.@/-"

static bool is_plain(const char *value)
{
    return *value != '\0' && value[strspn(value, PLAIN_BYTES)] == '\0';
}

static void add_profile(struct text *text, const struct role *role, const char *socket)
{
    text_addf(text, "\n[profile xacct-%s]\ncredential_process = " XACCT_BINDIR "/xacct ",
              role->name);
    if (strcmp(socket, SOCKET_DEFAULT) != 0)
        text_addf(text, "--socket %s ", socket);
    text_addf(text, "credentials --role %s\n", role->name);
    if (role->region != NULL && is_plain(role->region))
        text_addf(text, "region = %s\n", role->region);
}

int command_profiles(const struct invocation *invocation)
{
    struct text text = TEXT_EMPTY;
    struct roles roles;
    char shown[ESCAPE_MAX];
    size_t i;
    int status;

    if (!is_plain(invocation->socket)) {
        complain("the path of the socket, %s, has characters that a config file cannot hold: use "
                 "another path",
                 escape(shown, sizeof shown, invocation->socket));
        return EXIT_REFUSED;
    }
    if (!roles_get(invocation->socket, &roles))
        return EXIT_REFUSED;
    text_add(&text, "# Made by `xacct profiles`: one profile for every role that is yours.\n");
    for (i = 0; i < roles.count; i++)
        if (is_plain(roles.all[i].name))
            add_profile(&text, &roles.all[i], invocation->socket);
        else
            complain("role %s is left out, as its name has characters that a profile's cannot: use "
                     "xacct switch for it",
                     escape(shown, sizeof shown, roles.all[i].name));
    status = text_print(&text);
    text_free(&text);
    roles_free(&roles);
    return status;
}
