/*
 * Reading command lines.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct/options.h"

#include <stdlib.h>
#include <string.h>

#include "common/escape.h"
#include "xacct/complain.h"
#include "xacct/durations.h"

const struct option_form option_forms[OPTION_COUNT] = {
    [OPTION_JSON] = {"--json", NULL, "for programs: JSON", false, false},
    [OPTION_QUIET] = {"--quiet", NULL, "say nothing; the exit status is the answer", false, false},
    [OPTION_SHELL] = {"--shell", "NAME", "sh (bash and zsh too; the default), fish, json or dotenv",
                      false, false},
    [OPTION_FRESH] = {"--fresh", NULL, "new credentials from AWS, not those that are kept", false,
                      false},
    [OPTION_MIN_LIFE] = {"--min-life", "TIME",
                         "credentials that last at least so long, as 30m or 1h", false, false},
    [OPTION_PURPOSE] = {"--purpose", "WORD", "for the audit: switch, renew or env", true, false},
    [OPTION_ROLE] = {"--role", "ROLE", "which role; without it, that of XACCT_ROLE", false, false},
    [OPTION_OWN] = {"--own", "PROFILE", "the keys of a profile in ~/.aws/credentials", true, false},
    [OPTION_CLEAR] = {"--clear", NULL, "take the choice back", false, false},
    [OPTION_SWITCH_URL] = {"--switch-url", NULL,
                           "the link that switches a console which is open already", false, false},
    [OPTION_CONFIG] = {"--config", "FILE", "the policy (default: /etc/xacct/xacct.conf)", false,
                       false},
    [OPTION_STRICT] = {"--strict", NULL, "warnings count: exit status 1", false, false},
    [OPTION_AS] = {"--as", "NAME", "read FILE as if it were this one beside the policy", false,
                   false},
    [OPTION_SERVICE] = {"--service", "S", "by which the login comes (default: sshd)", false, false},
    [OPTION_FROM] = {"--from", "ADDR", "the address that it comes from (default: unknown)", false,
                     false},
    [OPTION_AT] = {"--at", "TIME", "when: 2027-03-31T18:00, or with Z or +02:00 (default: now)",
                   false, false},
    [OPTION_GROUPS] = {"--groups", "G,...", "the user's groups, not those of NSS; '' for none",
                       false, true},
    [OPTION_PRINCIPAL] = {"--principal", "P",
                          "the name from the SSH certificate (default: unknown)", false, false},
    [OPTION_CERTIFICATE] = {"--certificate", "FILE", "the SSH certificate itself, or none", false,
                            false},
    [OPTION_AUTH] = {"--auth", "M,...",
                     "how sshd authenticates it: publickey,... (default: unknown)", false, false},
    [OPTION_LOGINUID] = {"--loginuid", "USER", "who logged in and is behind sudo, su, ...; or none",
                         false, false},
    [OPTION_ONLY] = {"--only", "NAME,...", "these examinations and no others", false, false},
    [OPTION_TRY] = {"--try", "ROLE", "assume it as a login would, or with all each; see above",
                    false, false},
    [OPTION_LOG] = {"--log", NULL, "tell what is wrong to syslog, and print nothing", false, false},
    [OPTION_BASE] = {"--base", NULL, "what the bastion's own identity must be permitted", false,
                     false},
    [OPTION_TRUSTED] = {"--principal", "ARN", "who the bastion is, where the policy does not say",
                        false, false},
    [OPTION_PROVIDER] = {"--provider", "ARN", "with via = web-identity or saml: of IAM's provider",
                         false, false},
    [OPTION_AUDIENCE] = {"--audience", "WORD", "and whom its tokens or assertions are for", false,
                         false},
    [OPTION_FORMAT] = {"--format", "FORM",
                       "json, cloudformation, terraform, awscli or awscli-create", false, false},
    [OPTION_AUDIT] = {"--audit", "FILE", "the audit file (default: the policy's)", false, false},
    [OPTION_SINCE] = {"--since", "TIME", "from when: 2027-03-31, 2027-03 or 30d (the default)",
                      false, false},
    [OPTION_UNTIL] = {"--until", "TIME", "to the end of that day or month (default: now)", false,
                      false},
    [OPTION_TIMEZONE] = {"--timezone", "ZONE", "whose days count (default: the host's)", false,
                         false},
    [OPTION_IDLE] = {"--idle", "TIME", "how long a hand-out is use (default: 15m)", false, false},
    [OPTION_BY] = {"--by", "WHAT,...", "a row for each; see above", false, false},
    [OPTION_USER] = {"--user", "HUMAN", "this human alone", false, false},
    [OPTION_ACCOUNT] = {"--account", "ACCOUNT", "this account alone, by name or number", false,
                        false},
    [OPTION_OF_ROLE] = {"--role", "ROLE", "this role alone", false, false},
    [OPTION_CLIENT] = {"--client", "CLIENT", "this client alone", false, false},
    [OPTION_REPORT_FORMAT] = {"--format", "FORM", "table, csv, json or html", false, false},
    [OPTION_OUTPUT] = {"--output", "FILE", "write it there, as a whole, by a rename", false, false},
    [OPTION_NAMES] = {"--names", NULL, "tell of sections and regions by name; see above", false,
                      false},
    [OPTION_TABLE_FORMAT] = {"--format", "FORM", "table (the default), csv or json", false, false},
    [OPTION_UNUSED_FOR] = {"--unused-for", "TIME", "only what was not used for so long (as 90d)",
                           false, false},
    [OPTION_DENIED] = {"--denied", NULL, "what a [deny] takes away too", false, false},
    [OPTION_DRY_RUN] = {"--dry-run", NULL, "end nothing; say what would be", false, false},
};

_Static_assert(OPTION_COUNT <= 8 * sizeof((struct command *)0)->options,
               "each option has a bit of a command's `options`");

static enum parse wrong(const struct invocation *invocation, const char *what, const char *word)
{
    char shown[ESCAPE_MAX];

    complain("%s: %s %s: see xacct %s --help", invocation->command->name, what,
             escape(shown, sizeof shown, word), invocation->command->name);
    return PARSE_WRONG;
}

/* The option that `word` names, with or without a value behind "="; OPTION_COUNT when none. */
static enum option find_option(const struct command *command, const char *word)
{
    size_t length = strcspn(word, "=");
    unsigned i;

    for (i = 0; i < OPTION_COUNT; i++)
        if ((command->options & OPTION_BIT(i)) != 0 && strlen(option_forms[i].name) == length &&
            memcmp(option_forms[i].name, word, length) == 0)
            break;
    return (enum option)i;
}

/* Takes the option at words[*at], and its value. */
static enum parse take_option(struct invocation *invocation, char **words, int *at)
{
    const char *word = words[*at];
    const char *value = strchr(word, '=');
    enum option option = find_option(invocation->command, word);

    if (strcmp(word, "--help") == 0)
        return PARSE_HELP;
    if (option == OPTION_COUNT)
        return wrong(invocation, "there is no option", word);
    if (invocation->value[option] != NULL)
        return wrong(invocation, "given twice:", option_forms[option].name);
    if (option_forms[option].placeholder == NULL) {
        if (value != NULL)
            return wrong(invocation, "there is no value to", option_forms[option].name);
        invocation->value[option] = "";
        return PARSE_FINE;
    }
    value = value != NULL ? value + 1 : words[++*at];
    if (value == NULL || (*value == '\0' && !option_forms[option].may_be_empty))
        return wrong(invocation, "a value is missing behind", option_forms[option].name);
    invocation->value[option] = value;
    return PARSE_FINE;
}

static enum parse check_operands(const struct invocation *invocation)
{
    const struct command *command = invocation->command;
    int i;

    for (i = 0; i < invocation->operand_count; i++)
        if (!command->raw && *invocation->operands[i] == '\0')
            return wrong(invocation, "an empty word stands for", command->synopsis);
    if (invocation->operand_count < command->operands_least)
        return wrong(invocation, "it needs", command->synopsis);
    if (command->takes_rest && invocation->rest_count == 0)
        return wrong(invocation, "it needs", command->synopsis);
    if (invocation->operand_count > command->operands_most)
        return wrong(invocation, "there is nothing to do with",
                     invocation->operands[command->operands_most]);
    return PARSE_FINE;
}

enum parse options_parse(struct invocation *invocation, int count, char **words)
{
    const struct command *command = invocation->command;
    bool operands_only = command->raw;
    int at;

    invocation->operands = words;
    for (at = 0; at < count; at++) {
        char *word = words[at];

        if (operands_only || word[0] != '-' || word[1] == '\0') {
            invocation->operands[invocation->operand_count++] = word;
        } else if (strcmp(word, "--") != 0) {
            enum parse parse = take_option(invocation, words, &at);

            if (parse != PARSE_FINE)
                return parse;
        } else if (command->takes_rest) {
            invocation->rest = words + at + 1;
            invocation->rest_count = count - at - 1;
            break;
        } else {
            operands_only = true;
        }
    }
    return check_operands(invocation);
}

bool options_min_life(const struct invocation *invocation, int64_t *seconds)
{
    const char *value = invocation->value[OPTION_MIN_LIFE];
    char shown[ESCAPE_MAX];

    *seconds = 0;
    if (value == NULL || duration_parse(value, seconds))
        return true;
    complain("--min-life %s is no length of time: write a number and s, m or h, as in 30m",
             escape(shown, sizeof shown, value));
    return false;
}

const char *options_role(const struct invocation *invocation)
{
    const char *role = invocation->value[OPTION_ROLE];

    if (role == NULL && invocation->operand_count > 0)
        role = invocation->operands[0];
    if (role == NULL)
        role = getenv("XACCT_ROLE");
    if (role == NULL || *role == '\0') {
        complain("%s: no role is named, and XACCT_ROLE is not set: name one of those that "
                 "xacct list shows",
                 invocation->command->name);
        return NULL;
    }
    return role;
}
