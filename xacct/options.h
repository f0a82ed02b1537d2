/*
 * Command lines: one table of options for all commands. An option is never guessed from its
 * beginning.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_OPTIONS_H
#define XACCT_XACCT_OPTIONS_H

#include <stdint.h>

#include "xacct/command.h"

struct option_form {
    const char *name;        /* with its dashes */
    const char *placeholder; /* of its value, or NULL when it takes none */
    const char *help;
    bool hidden;
    bool may_be_empty; /* its value */
};

extern const struct option_form option_forms[OPTION_COUNT];

/* How a command line came out. */
enum parse {
    PARSE_FINE,
    PARSE_HELP, /* --help was asked for */
    PARSE_WRONG /* after a complaint */
};

/*
 * Reads the arguments behind the command's name, `count` at `words`, which end in NULL and are put
 * into another order. The invocation has its command and socket already.
 */
enum parse options_parse(struct invocation *invocation, int count, char **words);

/*
 * The value of --min-life in seconds, 0 when it was not given. Returns false after a complaint when
 * it is none.
 */
bool options_min_life(const struct invocation *invocation, int64_t *seconds);

/*
 * The role that the command is about: its operand, --role, or else what XACCT_ROLE holds. NULL
 * after a complaint when there is none.
 */
const char *options_role(const struct invocation *invocation);

#endif
