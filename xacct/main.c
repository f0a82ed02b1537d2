/*
 * xacct: what a person on this host does with the roles that they may use.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "common/escape.h"
#include "xacct/arguments.h"
#include "xacct/command.h"
#include "xacct/commands.h"
#include "xacct/complain.h"
#include "xacct/help.h"
#include "xacct/options.h"

#define JSON       OPTION_BIT(OPTION_JSON)
#define QUIET      OPTION_BIT(OPTION_QUIET)
#define SHELL      OPTION_BIT(OPTION_SHELL)
#define FRESH      OPTION_BIT(OPTION_FRESH)
#define MIN_LIFE   OPTION_BIT(OPTION_MIN_LIFE)
#define PURPOSE    OPTION_BIT(OPTION_PURPOSE)
#define ROLE       OPTION_BIT(OPTION_ROLE)
#define OWN        OPTION_BIT(OPTION_OWN)
#define CLEAR      OPTION_BIT(OPTION_CLEAR)
#define SWITCH_URL OPTION_BIT(OPTION_SWITCH_URL)

#define WORDS_MOST 4096 /* of a command line that is completed */

const struct command commands[] = {
    {
        .name = "list",
        .synopsis = "",
        .summary = "the roles that you may use",
        .details = "Shows every role with its account and until when you may use it. The role of\n"
                   "this shell is marked *, that of your next login (default).\n\n"
                   "--json gives an array of objects with role, account, account_id, arn,\n"
                   "description, region, current, default, chosen (by xacct default), deliver,\n"
                   "ends (UTC) and duration (seconds); null where there is none.",
        .example = "xacct list --json | jq -r '.[].role'",
        .options = JSON,
        .usage_status = EXIT_USAGE,
        .run = command_list,
    },
    {
        .name = "status",
        .synopsis = "",
        .summary = "who you are here, and this shell's role and its time left",
        .details = "Also says what is in the way of the role: variables and files of yours that\n"
                   "make programs use something else. The exit status is 0 when the credentials\n"
                   "here are live, else 1.\n\n"
                   "--json gives an object with live, human, user, session, adopted,\n"
                   "session_opened, session_ends, role, role_arn, account, account_id, region,\n"
                   "delivery, permitted, ends, expires, seconds_left, service (null, or why it\n"
                   "could not be asked) and obstacles (where, what, advice); null where that is\n"
                   "not known.",
        .example = "xacct status --quiet || xacct switch client-a-audit",
        .options = JSON | QUIET,
        .usage_status = EXIT_USAGE,
        .run = command_status,
    },
    {
        .name = "switch",
        .synopsis = "[ROLE]",
        .summary = "change this shell to a role",
        .details = "Without ROLE you choose from a list (in fzf where that is installed). Every\n"
                   "AWS_* variable of the old role goes first. It needs the shell integration:\n"
                   "see xacct init --help.",
        .example = "xacct switch client-a-audit",
        .options = SHELL | FRESH | MIN_LIFE,
        .operands_most = 1,
        .takes_role = true,
        .usage_status = EXIT_USAGE,
        .run = command_switch,
    },
    {
        .name = "drop",
        .synopsis = "",
        .summary = "leave the role in this shell",
        .details = "Takes away every AWS_* variable of a role. It needs the shell integration: "
                   "see\nxacct init --help.",
        .example = "xacct drop",
        .options = SHELL,
        .usage_status = EXIT_USAGE,
        .run = command_drop,
    },
    {
        .name = "exec",
        .synopsis = "ROLE -- COMMAND [ARGUMENT...]",
        .summary = "run one command under a role",
        .details = "The exit status is the command's; 125 when xacct itself failed, 126 when the\n"
                   "command cannot be executed, 127 when there is none.",
        .example = "xacct exec --min-life 45m client-a-audit -- terraform plan",
        .options = FRESH | MIN_LIFE,
        .operands_least = 1,
        .operands_most = 1,
        .takes_role = true,
        .takes_rest = true,
        .usage_status = EXIT_OURS,
        .run = command_exec,
    },
    {
        .name = "env",
        .synopsis = "[ROLE]",
        .summary = "the variables of a role, for eval",
        .details = "Without ROLE, that of this shell. What is printed holds keys: let a shell\n"
                   "evaluate it, and keep it in no file that others read.",
        .example = "eval \"$(xacct env client-a-audit)\"",
        .options = SHELL | FRESH | MIN_LIFE | PURPOSE,
        .operands_most = 1,
        .takes_role = true,
        .usage_status = EXIT_USAGE,
        .run = command_env,
    },
    {
        .name = "credentials",
        .synopsis = "",
        .summary = "what an SDK asks of credential_process",
        .details = "Prints the JSON of credential_process and nothing else.",
        .example = "credential_process = xacct credentials --role client-a-audit",
        .options = ROLE | OWN,
        .takes_role = true,
        .usage_status = EXIT_REFUSED,
        .run = command_credentials,
    },
    {
        .name = "default",
        .synopsis = "[ROLE]",
        .summary = "the role that your next login starts with",
        .details = "Without ROLE, says which it is.",
        .example = "xacct default client-a-audit",
        .options = CLEAR,
        .operands_most = 1,
        .takes_role = true,
        .usage_status = EXIT_USAGE,
        .run = command_default,
    },
    {
        .name = "console",
        .synopsis = "[ROLE]",
        .summary = "a link that signs in to the AWS console",
        .details = "Without ROLE, that of this shell. Whoever has the link is signed in: it is a\n"
                   "secret, and good for fifteen minutes.",
        .example = "xacct console client-a-audit",
        .options = SWITCH_URL,
        .operands_most = 1,
        .takes_role = true,
        .usage_status = EXIT_USAGE,
        .run = command_console,
    },
    {
        .name = "profiles",
        .synopsis = "",
        .summary = "profiles of your roles for ~/.aws/config",
        .details = "Prints a profile xacct-ROLE for every role that you may use now. A profile\n"
                   "gets its credentials from xacct while you are logged in. Before they are\n"
                   "added to a file a second time, take the former ones out: the AWS CLI reads\n"
                   "no file with a profile twice.",
        .example = "mkdir -p ~/.aws && xacct profiles >> ~/.aws/config",
        .usage_status = EXIT_USAGE,
        .run = command_profiles,
    },
    {
        .name = "init",
        .synopsis = "bash|zsh|fish",
        .summary = "the integration for a shell",
        .details = "With it xacct switch and xacct drop change the shell that you are in, keys\n"
                   "in the environment are renewed at the prompt before they end, and roles\n"
                   "complete.\n\n"
                   "  bash, in ~/.bashrc                    eval \"$(xacct init bash)\"\n"
                   "  zsh, in ~/.zshrc                      eval \"$(xacct init zsh)\"\n"
                   "  fish, in ~/.config/fish/config.fish   xacct init fish | source",
        .example = "eval \"$(xacct init bash)\"",
        .operands_least = 1,
        .operands_most = 1,
        .usage_status = EXIT_USAGE,
        .run = command_init,
    },
    {
        .name = "complete",
        .synopsis = "[WORD...]",
        .raw = true,
        .hidden = true,
        .operands_most = WORDS_MOST,
        .usage_status = EXIT_USAGE,
        .run = command_complete,
    },
    {.name = NULL},
};

const struct command *command_find(const char *name)
{
    const struct command *const tables[] = {commands, admin_commands};
    const struct command *command;
    size_t i;

    for (i = 0; i < sizeof tables / sizeof *tables; i++)
        for (command = tables[i]; command->name != NULL; command++)
            if (strcmp(command->name, name) == 0)
                return command;
    return NULL;
}

/* Without one of the standard descriptors, the next that is opened would take its number, and what
 * is printed would go into the talk with the service. */
static void standard_descriptors(void)
{
    int fd;

    do
        fd = open("/dev/null", O_RDWR);
    while (fd >= 0 && fd <= STDERR_FILENO);
    if (fd > STDERR_FILENO)
        close(fd);
}

static int run(struct invocation *invocation, int count, char **words)
{
    switch (options_parse(invocation, count, words)) {
    case PARSE_FINE:
        return invocation->command->run(invocation);
    case PARSE_HELP:
        return help_show_command(invocation->command);
    default:
        return invocation->command->usage_status;
    }
}

int main(int argc, char **argv)
{
    struct invocation invocation = {.socket = SOCKET_DEFAULT};
    char shown[ESCAPE_MAX];
    int at = 1;

    /* Neither a core dump nor another program of the same user gets at keys by way of us. */
    prctl(PR_SET_DUMPABLE, 0);
    argv = arguments_take(argc, argv);
    standard_descriptors();
    for (; at < argc && argv[at][0] == '-'; at++) {
        if (strcmp(argv[at], "--help") == 0)
            return help_show();
        if (strcmp(argv[at], "--version") == 0)
            return printf("xacct %s\n", XACCT_VERSION) < 0 || fflush(stdout) != 0;
        if (strcmp(argv[at], "--socket") == 0 && at + 1 < argc) {
            invocation.socket = argv[++at];
        } else if (strncmp(argv[at], "--socket=", 9) == 0) {
            invocation.socket = argv[at] + 9;
        } else {
            complain("there is no option %s: see xacct --help",
                     escape(shown, sizeof shown, argv[at]));
            return EXIT_USAGE;
        }
    }
    if (at >= argc) {
        complain("which command? See xacct --help");
        return EXIT_USAGE;
    }
    invocation.command = command_find(argv[at]);
    if (invocation.command == NULL) {
        complain("there is no command %s: see xacct --help", escape(shown, sizeof shown, argv[at]));
        return EXIT_USAGE;
    }
    return run(&invocation, argc - at - 1, argv + at + 1);
}
