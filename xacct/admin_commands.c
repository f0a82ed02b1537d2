/*
 * The commands for whoever writes the policy.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/commands.h"

#define JSON        OPTION_BIT(OPTION_JSON)
#define CONFIG      OPTION_BIT(OPTION_CONFIG)
#define STRICT      OPTION_BIT(OPTION_STRICT)
#define AS          OPTION_BIT(OPTION_AS)
#define SERVICE     OPTION_BIT(OPTION_SERVICE)
#define FROM        OPTION_BIT(OPTION_FROM)
#define AT          OPTION_BIT(OPTION_AT)
#define GROUPS      OPTION_BIT(OPTION_GROUPS)
#define PRINCIPAL   OPTION_BIT(OPTION_PRINCIPAL)
#define CERTIFICATE OPTION_BIT(OPTION_CERTIFICATE)
#define AUTH        OPTION_BIT(OPTION_AUTH)
#define LOGINUID    OPTION_BIT(OPTION_LOGINUID)

const struct command admin_commands[] = {
    {
        .name = "check",
        .synopsis = "[FILE]",
        .summary = "what is wrong with a policy, and what is likely to be",
        .details = "Reads a policy as the helper would, conf.d and session policies with it, and\n"
                   "prints every error and every likely mistake as FILE:LINE: error|warning:\n"
                   "TEXT. The exit status is 0; 1 for warnings with --strict; 2 for errors.\n\n"
                   "With --as NAME, FILE stands in for NAME beside the policy, there already or\n"
                   "not: this checks a fragment before it is put in its place.\n\n"
                   "Of the policy in /etc/xacct alone it also tells what the helper could not\n"
                   "read, with the commands that mend owner and mode (FILE's do not count),\n"
                   "and whether the base credentials have their keys.\n\n"
                   "--json gives an object with file, errors, warnings (their numbers) and\n"
                   "findings: an array of objects with severity, file, line and text.",
        .example = "xacct check --strict --as conf.d/40-client-a.conf /tmp/new",
        .options = JSON | CONFIG | STRICT | AS,
        .operands_most = 1,
        .usage_status = EXIT_USAGE,
        .run = command_check,
    },
    {
        .name = "diff",
        .synopsis = "OLD NEW",
        .summary = "who gains and who loses which role between two policies",
        .details = "OLD and NEW are the main files of two policies; conf.d and session policies\n"
                   "are read from beside them. For every user, group and principal that either\n"
                   "names:\n"
                   "+ a role is gained, - one is lost, ~ what it depends on has changed. Then\n"
                   "whatever else is not as before. The exit status is 0 when the two say the\n"
                   "same, 1 when they do not, 2 for errors.\n\n"
                   "--json gives an array of objects with change (+, - or ~), kind and name\n"
                   "(whom or what it is about), what, old, new, rule, file and line; null where\n"
                   "there is none.",
        .example = "xacct diff /etc/xacct/xacct.conf /srv/next/xacct.conf",
        .options = JSON,
        .operands_least = 2,
        .operands_most = 2,
        .usage_status = EXIT_USAGE,
        .run = command_diff,
    },
    {
        .name = "explain",
        .synopsis = "USER",
        .summary = "which roles a login would get, and because of which lines",
        .details = "Says for each role why a login may use it or why not, rule by rule, and\n"
                   "which role the login would start with. What is not given and not to be found\n"
                   "out is unknown: it never gives a role, and it may take one away. With\n"
                   "--groups, USER need not exist. A role within 15 minutes of its end is none,\n"
                   "as AWS issues nothing for it. The exit status is 0 when a role is permitted,\n"
                   "1 when none is, 2 for errors.\n\n"
                   "Of sudo, su and the like USER is the target, and --loginuid says who logged\n"
                   "in before: --from, --auth, --principal and --certificate are of that login.\n"
                   "--loginuid none: nobody did; --certificate none: that was without one.\n\n"
                   "--json gives an object with identity, roles (name, arn, permitted, because:\n"
                   "file, line, text) and login: the role's name or null.",
        .example = "xacct explain alice --from 10.0.0.7 --auth publickey --at 2027-03-31",
        .options = JSON | CONFIG | SERVICE | FROM | AT | GROUPS | PRINCIPAL | CERTIFICATE | AUTH |
                   LOGINUID,
        .operands_least = 1,
        .operands_most = 1,
        .usage_status = EXIT_USAGE,
        .run = command_explain,
    },
    {.name = NULL},
};
