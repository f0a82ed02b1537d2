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

const struct command admin_commands[] = {
    {
        .name = "check",
        .synopsis = "[FILE]",
        .summary = "what is wrong with a policy, and what is likely to be",
        .details = "Reads a policy as the helper would, conf.d and session policies with it, and "
                   "prints\nevery error and every likely mistake as FILE:LINE: error|warning: "
                   "TEXT. The exit\nstatus is 0; 1 for warnings with --strict; 2 for errors.\n\n"
                   "With --as NAME, FILE stands in for NAME beside the policy, there already or "
                   "not:\nthis checks a fragment before it is put in its place. Owner and mode "
                   "count below\n/etc/xacct alone, and not for FILE.\n\n"
                   "--json gives an object with file, errors, warnings (their numbers) and "
                   "findings:\nan array of objects with severity, file, line and text.",
        .example = "xacct check --strict --as conf.d/40-client-a.conf /tmp/40-client-a.conf",
        .options = JSON | CONFIG | STRICT | AS,
        .operands_most = 1,
        .usage_status = EXIT_USAGE,
        .run = command_check,
    },
    {
        .name = "diff",
        .synopsis = "OLD NEW",
        .summary = "who gains and who loses which role between two policies",
        .details = "OLD and NEW are the main files of two policies; conf.d and session policies "
                   "are\nread from beside them. For every user, group and principal that either "
                   "names:\n+ a role is gained, - one is lost, ~ what it depends on has changed. "
                   "Then whatever\nelse is not as before. The exit status is 0 when the two say "
                   "the same, 1 when they\ndo not, 2 for errors.\n\n"
                   "--json gives an array of objects with change (+, - or ~), kind and name (whom "
                   "or\nwhat it is about), what, old, new, rule, file and line; null where there "
                   "is none.",
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
        .details = "Says for each role why a login may use it or why not, rule by rule, and which "
                   "role\nthe login would start with. What is not given and not to be found out is "
                   "unknown:\nit never gives a role, and it may take one away. With --groups, USER "
                   "need not\nexist. The exit status is 0 when a role is permitted, 1 when none "
                   "is, 2 for errors.\n\n"
                   "--json gives an object with identity, roles (name, arn, permitted, because: "
                   "file,\nline, text) and login: the role's name or null.",
        .example = "xacct explain alice --from 10.0.0.7 --auth publickey --at 2027-03-31T18:00",
        .options = JSON | CONFIG | SERVICE | FROM | AT | GROUPS | PRINCIPAL | CERTIFICATE | AUTH,
        .operands_least = 1,
        .operands_most = 1,
        .usage_status = EXIT_USAGE,
        .run = command_explain,
    },
    {.name = NULL},
};
