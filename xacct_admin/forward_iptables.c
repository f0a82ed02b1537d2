/*
 * Rules as iptables-save(8) prints them: ":CHAIN POLICY" and "-A CHAIN OPTION...". Source:
 * iptables(8), iptables-extensions(8).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <stdio.h>
#include <string.h>

#include "xacct_admin/forward_rules.h"

/* Targets that end what becomes of a packet, or leave it as it is. */
static const struct {
    const char *name;
    enum forward_verdict verdict;
} targets[] = {
    {"ACCEPT", FORWARD_ACCEPT}, {"DROP", FORWARD_REFUSE},     {"REJECT", FORWARD_REFUSE},
    {"RETURN", FORWARD_RETURN}, {"LOG", FORWARD_NOTHING},     {"MARK", FORWARD_NOTHING},
    {"NFLOG", FORWARD_NOTHING}, {"TCPMSS", FORWARD_NOTHING},  {"CONNMARK", FORWARD_NOTHING},
    {"QUEUE", FORWARD_UNKNOWN}, {"NFQUEUE", FORWARD_UNKNOWN},
};

/* Takes where a rule leads. */
static void take_target(struct forward_rules *rules, struct forward_rule *rule, const char *name,
                        bool is_goto)
{
    size_t i;

    for (i = 0; i < sizeof targets / sizeof *targets; i++)
        if (strcmp(targets[i].name, name) == 0) {
            rule->verdict = targets[i].verdict;
            return;
        }
    rule->verdict = is_goto ? FORWARD_GOTO : FORWARD_JUMP;
    rule->target = arena_text(rules->memory, name, strlen(name));
    if (rule->target == NULL)
        rule->verdict = FORWARD_NOTHING;
}

/* Whether no connection begins in these states, which are a list with commas. */
static bool are_later_states(const char *states)
{
    static const char *const later[] = {"ESTABLISHED", "RELATED", "INVALID"};
    size_t length, i;

    for (; *states != '\0'; states += length + (states[length] == ',')) {
        length = strcspn(states, ",");
        for (i = 0; i < sizeof later / sizeof *later; i++)
            if (strlen(later[i]) == length && strncmp(states, later[i], length) == 0)
                break;
        if (i == sizeof later / sizeof *later)
            return false;
    }
    return true;
}

/* Whether an option is met by whatever opens a connection to port 80 by TCP, or asks for nothing.
 */
static bool is_met_anyway(const char *option, const char *value, bool negated)
{
    if (strcmp(option, "-m") == 0 || strcmp(option, "--comment") == 0 ||
        strcmp(option, "--reject-with") == 0)
        return true;
    return !negated && ((strcmp(option, "-p") == 0 && strcmp(value, "tcp") == 0) ||
                        (strcmp(option, "--dport") == 0 && strcmp(value, "80") == 0));
}

/* Takes one option and its value; `negated`: a "!" stood before it. */
static void take_option(struct forward_rules *rules, struct forward_rule *rule, const char *option,
                        const char *value, bool negated)
{
    const bool is_state = strcmp(option, "--state") == 0 || strcmp(option, "--ctstate") == 0;

    if (strcmp(option, "-j") == 0 || strcmp(option, "-g") == 0) {
        take_target(rules, rule, value, option[1] == 'g');
    } else if (strcmp(option, "-d") == 0 && !negated) {
        if (!forward_rule_add(rules, rule, value))
            rule->to_is_known = false;
    } else if (is_state && !negated && are_later_states(value)) {
        rule->never = true;
    } else if (!is_met_anyway(option, value, negated)) {
        rule->is_narrowed = true;
    }
}

/* Takes one word off the line, which may be in quotes with blanks; NULL when there is none. */
static char *take_word(char **rest)
{
    char *word = *rest + strspn(*rest, " "), *end;

    if (*word == '\0')
        return NULL;
    end = *word == '"' ? strchr(word + 1, '"') : strchr(word, ' ');
    /* "\"" stands for a quote within them. */
    while (*word == '"' && end != NULL && end[-1] == '\\')
        end = strchr(end + 1, '"');
    if (end == NULL)
        end = word + strlen(word);
    word += *word == '"';
    *rest = *end != '\0' ? end + 1 : end;
    *end = '\0';
    return word;
}

/* Takes what stands behind "-A CHAIN". */
static void take_rule(struct forward_rules *rules, struct forward_chain *chain, char *rest)
{
    struct forward_rule *rule = forward_rule_new(rules, chain);
    char *word = take_word(&rest), *value;
    bool negated = false;

    while (rule != NULL && word != NULL) {
        if (strcmp(word, "!") == 0) {
            negated = true;
            word = take_word(&rest);
            continue;
        }
        value = take_word(&rest);
        /* An option without a value has another one, or nothing, behind it. */
        if (word[0] == '-' && value != NULL && strcmp(value, "!") != 0 &&
            (value[0] != '-' || value[1] == '\0')) {
            take_option(rules, rule, word, value, negated);
            value = take_word(&rest);
        } else {
            rule->is_narrowed = true;
        }
        word = value;
        negated = false;
    }
}

void forward_iptables_take(struct forward_rules *rules, char *text, bool is_ipv6)
{
    const char *table = is_ipv6 ? "ip6tables" : "iptables";
    char *lines = NULL, *line, *rest, *name, *policy;
    struct forward_chain *chain;

    for (line = strtok_r(text, "\n", &lines); line != NULL; line = strtok_r(NULL, "\n", &lines)) {
        if (strncmp(line, "-A ", 3) != 0 && line[0] != ':')
            continue;
        rest = line + (line[0] == ':' ? 1 : 3);
        name = take_word(&rest);
        chain = name != NULL ? forward_chain_of(rules, table, name) : NULL;
        if (chain == NULL)
            continue;
        chain->is_base = strcmp(name, "FORWARD") == 0;
        chain->is_ipv4 = !is_ipv6;
        chain->is_ipv6 = is_ipv6;
        if (line[0] != ':') {
            take_rule(rules, chain, rest);
            continue;
        }
        policy = take_word(&rest);
        chain->refuses = policy != NULL && strcmp(policy, "DROP") == 0;
    }
}
