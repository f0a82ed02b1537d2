/*
 * What a subcommand is: its place in the table of main.c, and what it is run with.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_COMMAND_H
#define XACCT_XACCT_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SOCKET_DEFAULT "/run/xacct/socket"

/* Exit statuses. Those of exec are env(1)'s: 126 and 127 are about the command, 125 about us. */
enum exit_status {
    EXIT_FINE = 0,
    EXIT_REFUSED = 1, /* refused, or failed */
    EXIT_USAGE = 2,
    EXIT_OURS = 125,
    EXIT_NOT_EXECUTABLE = 126,
    EXIT_NOT_FOUND = 127
};

/* Every option that some command takes; `options` of a command is a set of them. */
enum option {
    OPTION_JSON,
    OPTION_QUIET,
    OPTION_SHELL,
    OPTION_FRESH,
    OPTION_MIN_LIFE,
    OPTION_PURPOSE,
    OPTION_ROLE,
    OPTION_OWN,
    OPTION_CLEAR,
    OPTION_SWITCH_URL,
    OPTION_CONFIG,
    OPTION_STRICT,
    OPTION_AS,
    OPTION_SERVICE,
    OPTION_FROM,
    OPTION_AT,
    OPTION_GROUPS,
    OPTION_PRINCIPAL,
    OPTION_CERTIFICATE,
    OPTION_AUTH,
    OPTION_LOGINUID,
    OPTION_ONLY,
    OPTION_TRY,
    OPTION_LOG,
    OPTION_BASE,
    OPTION_TRUSTED, /* --principal of trust: whom a role trusts */
    OPTION_PROVIDER,
    OPTION_AUDIENCE,
    OPTION_FORMAT,
    OPTION_AUDIT,
    OPTION_SINCE,
    OPTION_UNTIL,
    OPTION_TIMEZONE,
    OPTION_IDLE,
    OPTION_BY,
    OPTION_USER,
    OPTION_ACCOUNT,
    OPTION_OF_ROLE, /* --role of report: what is reported on */
    OPTION_CLIENT,
    OPTION_REPORT_FORMAT,
    OPTION_OUTPUT,
    OPTION_NAMES,
    OPTION_TABLE_FORMAT, /* --format of who */
    OPTION_UNUSED_FOR,
    OPTION_DENIED,
    OPTION_DRY_RUN,
    OPTION_COUNT
};

#define OPTION_BIT(option) (UINT64_C(1) << (option))

struct command;

/* A command line that was understood. Texts are the caller's argv. */
struct invocation {
    const struct command *command;
    const char *socket;              /* of the service */
    const char *value[OPTION_COUNT]; /* of each option that was given; "" for one without a value */
    char **operands;                 /* what is no option */
    int operand_count;
    char **rest; /* what stands after "--", ending in NULL, where the command takes that */
    int rest_count;
};

struct command {
    const char *name;
    const char *synopsis; /* its operands, as usage shows them */
    const char *summary;  /* a few words for the list of commands */
    const char *details;  /* paragraphs of its --help */
    const char *example;  /* of its --help */
    uint64_t options;     /* OPTION_BIT of each that it takes */
    int operands_least, operands_most;
    bool takes_role;  /* its first operand is a role, or one of --role: these complete */
    bool takes_rest;  /* "--" and a command line of its own */
    bool raw;         /* all its arguments are operands */
    bool hidden;      /* not in the list of commands */
    int usage_status; /* exit status when the command line is wrong */
    int (*run)(const struct invocation *invocation);
};

/* The commands of whoever uses roles, ending in one without a name. */
extern const struct command commands[];

/*
 * Those of whoever writes the policy, ending alike. The same table is in xacct, which reads the
 * command line and shows the help, and in xacct-admin, which does what they say.
 */
extern const struct command admin_commands[];

/* The command of this name, of either kind, or NULL. */
const struct command *command_find(const char *name);

#endif
