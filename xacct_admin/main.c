/*
 * xacct-admin: what those commands of xacct execute that are for whoever writes the policy, runs
 * the host or audits, as xacct itself links nothing but libc. It is started with the command line
 * that xacct has understood, and understands it once more.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <locale.h>
#include <string.h>

#include "xacct/arguments.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct/options.h"

int main(int argc, char **argv)
{
    static const char socket[] = "--socket=";
    struct invocation invocation = {.command = admin_commands, .socket = SOCKET_DEFAULT};

    argv = arguments_take(argc, argv);
    setlocale(LC_CTYPE, "");
    if (argc > 1 && strncmp(argv[1], socket, sizeof socket - 1) == 0) {
        invocation.socket = argv[1] + sizeof socket - 1;
        argc--;
        argv++;
    }
    while (argc > 1 && invocation.command->name != NULL &&
           strcmp(invocation.command->name, argv[1]) != 0)
        invocation.command++;
    if (argc < 2 || invocation.command->name == NULL) {
        complain("this is executed by xacct, for some of its commands: see xacct --help");
        return EXIT_USAGE;
    }
    switch (options_parse(&invocation, argc - 2, argv + 2)) {
    case PARSE_FINE:
        return invocation.command->run(&invocation);
    case PARSE_HELP:
        complain("see xacct %s --help", invocation.command->name);
        return EXIT_USAGE;
    default:
        return invocation.command->usage_status;
    }
}
