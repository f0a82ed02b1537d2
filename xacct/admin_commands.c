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
#define REPORT                                                                                     \
    (OPTION_BIT(OPTION_AUDIT) | OPTION_BIT(OPTION_SINCE) | OPTION_BIT(OPTION_UNTIL) |              \
     OPTION_BIT(OPTION_TIMEZONE) | OPTION_BIT(OPTION_IDLE) | OPTION_BIT(OPTION_BY) |               \
     OPTION_BIT(OPTION_USER) | OPTION_BIT(OPTION_ACCOUNT) | OPTION_BIT(OPTION_OF_ROLE) |           \
     OPTION_BIT(OPTION_CLIENT) | OPTION_BIT(OPTION_REPORT_FORMAT))
#define OUTPUT     OPTION_BIT(OPTION_OUTPUT)
#define NAMES      OPTION_BIT(OPTION_NAMES)
#define AUDIT      OPTION_BIT(OPTION_AUDIT)
#define TABLE      OPTION_BIT(OPTION_TABLE_FORMAT)
#define UNUSED_FOR OPTION_BIT(OPTION_UNUSED_FOR)
#define DENIED     OPTION_BIT(OPTION_DENIED)

#define FILES_MOST 4096 /* of one command line */
#define DRY_RUN    OPTION_BIT(OPTION_DRY_RUN)

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
        .name = "who",
        .synopsis = "[ACCOUNT|ROLE]",
        .summary = "who can reach what, by which rule, last used when (as root)",
        .details =
            "Tells of every person whom grants and patterns give a role: users by name, the\n"
            "members of groups through NSS, whoever had a session here, and names of\n"
            "certificates as principal:NAME. A group whose members NSS does not list is told\n"
            "itself. ACCOUNT|ROLE is a name of the policy, twelve digits or an ARN; without\n"
            "it all are told.\n\n"
            "Each line is a rule by which somebody gets a role if the login is as the rule\n"
            "wants it (IF). LAST USED is of the audit file and its rotated predecessors:\n"
            "never means not since these begin. With --at TIME the rules and groups of today\n"
            "are asked about another moment, and use until then.\n\n"
            "The exit status is 0 when somebody is told, 1 when nobody is, 2 for errors.\n\n"
            "--json gives an object with at, audit_from (the first line of the audit file)\n"
            "and ways: an array of objects with kind (user, principal or group), name, role,\n"
            "arn, account, account_id, reach (yes, not-now, denied or unknown), conditions,\n"
            "under and by (the key and the name that the rule has them by), rule, file,\n"
            "line, denied_by, denied_file, denied_line and last_used; null where there is\n"
            "none. CSV has the members of ways as its columns.",
        .example = "xacct who client-a --unused-for 90d --format csv",
        .options = JSON | CONFIG | AUDIT | AT | TABLE | UNUSED_FOR | DENIED,
        .operands_most = 1,
        .usage_status = EXIT_USAGE,
        .run = command_who,
    },
    {
        .name = "trace",
        .synopsis = "[FILE...]",
        .summary = "the human and the login behind a CloudTrail event (as root)",
        .details =
            "Reads CloudTrail events from files, gzipped or not, or from standard input: one\n"
            "event, a log file with Records, or what lookup-events prints. For each it names\n"
            "the human, the login and its address, the rule and the policy's hash, from the\n"
            "audit file and its rotated predecessors.\n\n"
            "An event is joined by its access key, or by the request that issued one: that\n"
            "is sure to be the login that was given the key. Roles that were assumed onward\n"
            "are followed where the AssumeRole is among the events. An event without a key\n"
            "of ours (of the console, or of a service on behalf of somebody) is joined by\n"
            "its session's name and time, and onward sessions by their source identity:\n"
            "which is said, and may be several logins. A key that this host did not issue\n"
            "names nobody, whatever its session is called.\n\n"
            "The exit status is 0 when all events are named, 1 when some are not, 2 for\n"
            "errors.\n\n"
            "--json gives an object with audit_from, audit_to, files and lines (what was\n"
            "looked through) and events: an array of objects with event_id, event_time,\n"
            "event_name, event_source, account_id, access_key_id, source_ip, user_agent,\n"
            "invoked_by, human (null where none is named), joined_by (access-key, issue,\n"
            "onward, session-name or source-identity), onward_of (the key of ours before),\n"
            "onward_steps, reason and logins: an array of objects with human, identity, user,\n"
            "key_id, session, service, address, opened, host, role, role_arn, access_key_id,\n"
            "request_id, handed_out, expiry, purpose, rule and policy_hash; null where there\n"
            "is none.",
        .example = "aws cloudtrail lookup-events --output json | xacct trace",
        .options = JSON | CONFIG | AUDIT,
        .operands_most = FILES_MOST,
        .usage_status = EXIT_USAGE,
        .run = command_trace,
    },
    {
        .name = "report",
        .synopsis = "",
        .summary = "who used which role, how long and how often (as root)",
        .details =
            "Counts from the audit file and its rotated predecessors what was in use. A\n"
            "hand-out of credentials is a sign of use: from it on its role is in use for\n"
            "--idle, unless the session or the credentials end, or the shell changes to\n"
            "another role, before. Of one human in one account each moment counts once,\n"
            "for what had credentials last. USES has equal hand-outs (session, role,\n"
            "purpose, access key) once, HAND-OUTS each. What AWS was asked is not known\n"
            "here: xacct-audit(5) says under USE OF ROLES what this means.\n\n"
            "--by takes account, account-id, client (the tag client, or else the account's\n"
            "name), tag:KEY, user, role, day, session, purpose and key, with commas between\n"
            "them; without it, user,account,role. A + or open: in use still at the end.\n\n"
            "--format csv, json and html give the same for spreadsheets, programs and\n"
            "readers; html is one file with charts. What is to be known besides, as lines\n"
            "that were cut short, comes on standard error, or in json and html in there.\n"
            "The exit status is 0; 1 where the audit file cannot be read; 2 for wrong usage.\n\n"
            "--json gives an object with since, until, timezone, idle (seconds), by, rows,\n"
            "total, files, lines, damaged (lines passed over) and notes. A row has a member\n"
            "for each of --by, null where there is none, and, as total: seconds, uses,\n"
            "hand_outs, sessions, first and last (hand-outs, or null) and open.",
        .example = "xacct report --since 2027-03 --until 2027-03 --by client,day",
        .options = JSON | CONFIG | REPORT,
        .usage_status = EXIT_USAGE,
        .run = command_report,
    },
    {
        .name = "revoke",
        .synopsis = "HUMAN",
        .summary = "ends what somebody has here (as root)",
        .details =
            "Ends all live sessions of HUMAN on this host now, on whichever Unix user they\n"
            "are; HUMAN is the name that the audit file has as human. From then on nothing is\n"
            "given in them, nor in what they left running, until the human logs in again: so\n"
            "put the [deny] that is printed into the policy first. The helper forgets what it\n"
            "has of their credentials.\n\n"
            "What AWS has issued lives on there. For that a policy is printed, which denies\n"
            "everything to what was issued before now in that name (aws:TokenIssueTime,\n"
            "aws:SourceIdentity; aws:userid where no source identity is sent), and the roles\n"
            "that it is for: those of which the audit file says that this host has issued\n"
            "some that live, and those that the policy gives HUMAN.\n\n"
            "The exit status is 0, also where there was no session; 1 where not everything\n"
            "could be ended or found out; 2 for wrong usage, or not as root.\n\n"
            "--json gives an object with human, dry_run, before (an instant), revoked_by,\n"
            "failed, sessions (objects with session, user, opened, service, address, role,\n"
            "account, pid), roles (arn, account, account_id, expiry, permitted), policy (the\n"
            "document), deny (text) and notes; null where there is none.",
        .example = "xacct revoke carol@partner.example",
        .options = JSON | CONFIG | DRY_RUN,
        .operands_least = 1,
        .operands_most = 1,
        .usage_status = EXIT_USAGE,
        .run = command_revoke,
    },
    {
        .name = "metrics",
        .synopsis = "",
        .summary = "what the service counts, for Prometheus (as root or xacct)",
        .details =
            "Prints, in Prometheus's text format, what the service has counted since it\n"
            "began (logins, refusals by reason, calls of STS and their time, credentials from\n"
            "memory), the policy in force, and when grants and certificates end. xacct(1)\n"
            "lists each number.\n\n"
            "--output is for the textfile collector of node_exporter, which shows a file in\n"
            "its folder to everybody on the host. So nothing is told by name, and of what\n"
            "ends the earliest date alone; with --names it is, and FILE has the mode 0640,\n"
            "not 0644.\n\n"
            "The exit status is 0; 1 where the service tells nothing, for which xacct_up is\n"
            "0 (a helper then tells root what is not counted), or refuses; 2 for wrong usage,\n"
            "or where FILE cannot be written.\n\n"
            "--json gives an array of objects with name, type, help and samples: an array of\n"
            "objects with name, labels (an object) and value.",
        .example = "xacct metrics --output /var/lib/prometheus/node-exporter/xacct.prom",
        .options = JSON | OUTPUT | NAMES,
        .usage_status = EXIT_USAGE,
        .run = command_metrics,
    },
    {.name = NULL},
};
