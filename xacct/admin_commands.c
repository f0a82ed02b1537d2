/*
 * The commands for whoever writes the policy and runs the host.
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
#define ONLY        OPTION_BIT(OPTION_ONLY)
#define TRY         OPTION_BIT(OPTION_TRY)
#define LOG         OPTION_BIT(OPTION_LOG)
#define QUIET       OPTION_BIT(OPTION_QUIET)
#define BASE        OPTION_BIT(OPTION_BASE)
#define TRUSTED     OPTION_BIT(OPTION_TRUSTED)
#define PROVIDER    OPTION_BIT(OPTION_PROVIDER)
#define AUDIENCE    OPTION_BIT(OPTION_AUDIENCE)
#define FORMAT      OPTION_BIT(OPTION_FORMAT)

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
    {
        .name = "doctor",
        .synopsis = "[USER]",
        .summary = "whether this host keeps what is promised (as root)",
        .details =
            "Looks at this host and changes nothing. What is found is told a line each:\n"
            "NAME: ok|note|cannot tell|warning|fault: FILE:LINE: WHAT; WHAT TO DO, as far as\n"
            "there is a place and something to do. The examinations, for --only:\n\n"
            "  metadata  does anybody else (USER too) reach a metadata endpoint, containers?\n"
            "  modes     owners and modes: policy, programs, the helper's folders\n"
            "  policy    which one is in force, and since when another is broken\n"
            "  pam       do our lines stand where they must, and are their options right?\n"
            "  sshd      AcceptEnv, PermitUserEnvironment, LogLevel, UsePAM; for USER from\n"
            "            ADDR what is under Match too\n"
            "  root      who is root by another way: docker, lxd, sudo ALL, ...\n"
            "  base      does this host's identity work, and how long yet?\n"
            "  clock     is it AWS's, and kept by NTP?\n"
            "  sts       does STS answer in each region in use?\n"
            "  roles     with --try: can a role be assumed, and not by a wrong external id?\n"
            "            CloudTrail shows xacct-doctor@HOST; nobody gets the keys\n\n"
            "The exit status is 0; 1 for a warning or a fault; 2 for wrong usage.\n\n"
            "--json gives an object with faults, warnings (their numbers) and findings:\n"
            "an array of objects with examination, result (cannot-tell in one word), file,\n"
            "line, text and remedy; null where there is none.",
        .example = "xacct doctor --try all",
        .options = JSON | QUIET | FROM | ONLY | TRY | LOG,
        .operands_most = 1,
        .usage_status = EXIT_USAGE,
        .run = command_doctor,
    },
    {
        .name = "trust",
        .synopsis = "[ROLE]",
        .summary = "what the owner of a role's account must apply",
        .details =
            "Prints the trust policy that ROLE needs, made from the policy: who assumes it,\n"
            "by which external id, with which session tags, and with a source identity. The\n"
            "bastion's account is the principal and its ARN a condition, so that an identity\n"
            "that is made anew under its name fits. With --base it prints what the bastion's\n"
            "own identities and base roles must be permitted: exactly the roles that grants\n"
            "and patterns give, one document for each; ROLE is then a base's name (base for\n"
            "[base]) or a base role's, and stands for its document alone.\n\n"
            "Where the policy does not say who the bastion is (file, imds, container,\n"
            "process), --principal does, with its successors' ARNs behind commas; without it,\n"
            "root is told by the helper. A session's ARN is taken for that of its role.\n\n"
            "What else is to be known comes on standard error. --format awscli changes a role\n"
            "that is there, awscli-create makes one. The exit status is 0; 1 where it cannot\n"
            "be said; 2 for errors of the policy or the command line.\n\n"
            "--json gives an object with role, arn, account, external_id, policy (the\n"
            "document) and notes; with --base an array of objects with kind (base or role),\n"
            "name, arn, policy and notes; null where the policy does not say.",
        .example = "xacct trust audit --principal arn:aws:iam::999900001111:user/bastion",
        .options = JSON | CONFIG | BASE | TRUSTED | PROVIDER | AUDIENCE | FORMAT,
        .operands_most = 1,
        .usage_status = EXIT_USAGE,
        .run = command_trust,
    },
    {.name = NULL},
};
