/*
 * "KEY = VALUE: how it is met".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "policy/explain_condition.h"

#include <string.h>

/* What each condition is called, and what is told of it when it is not met and not known. */
static const struct {
    const char *key;
    const char *unmet; /* before what is the case, where there is something to say */
    const char *unknown;
} words[CONDITION_COUNT] = {
    [CONDITION_SERVICES] = {"services", "the service is ", ""},
    [CONDITION_HOSTS] = {"hosts", "this host is ", "the host is not known"},
    [CONDITION_FROM] = {"from", "the login comes from ", "where the login comes from is not known"},
    [CONDITION_AUTH] = {"auth", "the login was authenticated by ",
                        "how the login is authenticated is not known"},
    [CONDITION_UNTIL] = {"until", "over", ""},
    [CONDITION_SINCE] = {"since", "still to come", ""},
    [CONDITION_DETACH] = {"detach", "the session has ended before that", ""},
    [CONDITION_HOURS] = {"hours", "outside now", ""},
};

/* Texts with blanks between them. */
static const char *joined(const struct texts *texts, const char *none, struct arena *memory)
{
    size_t size = 1, i;
    char *text, *end;

    if (texts == NULL || texts->count == 0)
        return none;
    for (i = 0; i < texts->count; i++)
        size += strlen(texts->items[i]) + 1;
    text = end = arena_alloc(memory, size, 1);
    for (i = 0; text != NULL && i < texts->count; i++)
        end = stpcpy(stpcpy(end, i > 0 ? " " : ""), texts->items[i]);
    return text;
}

static const char *joined_prefixes(const struct prefixes *prefixes, struct arena *memory)
{
    struct texts texts = {arena_alloc(memory, prefixes->count, sizeof(char *)), 0};

    for (; texts.items != NULL && texts.count < prefixes->count; texts.count++)
        texts.items[texts.count] = prefixes->items[texts.count].text;
    return joined(&texts, "", memory);
}

/* The value of the condition as the policy says it. */
static const char *value_of(const struct grant *rule, enum condition which, struct arena *memory)
{
    switch (which) {
    case CONDITION_SERVICES:
        return joined(&rule->services, "", memory);
    case CONDITION_HOSTS:
        return joined(&rule->hosts, "", memory);
    case CONDITION_FROM:
        return joined_prefixes(&rule->from, memory);
    case CONDITION_AUTH:
        return joined(&rule->auth, "", memory);
    case CONDITION_UNTIL:
        return rule->until.text;
    case CONDITION_SINCE:
        return rule->since.text;
    case CONDITION_DETACH:
        return arena_format(memory, "%ds", rule->detach);
    case CONDITION_HOURS:
        return rule->hours.text;
    case CONDITION_COUNT:
        break;
    }
    return "";
}

/* What is the case instead, behind the words for it. */
static const char *fact_of(const struct conditions *conditions, enum condition which,
                           struct arena *memory)
{
    const struct login *login = conditions->login;

    switch (which) {
    case CONDITION_SERVICES:
        return login->service != NULL ? login->service : "not known";
    case CONDITION_HOSTS:
        return login->host;
    case CONDITION_FROM:
        if (conditions->is_from_here)
            return arena_format(memory, "%s, this host's own, and from before that nobody knows",
                                login->address);
        return login->address[0] != '\0' ? login->address : "no address";
    case CONDITION_AUTH:
        return joined(login->auth, "no method of sshd's", memory);
    default:
        return "";
    }
}

/* What is told of a rule that leaves the key out, where that means something. */
static const char *explain_absence(const struct conditions *conditions, const struct grant *rule,
                                   enum condition which, struct arena *memory)
{
    if (which == CONDITION_DETACH)
        return arena_format(memory, "[%s] has no detach, and the session has ended", rule->title);
    return arena_format(memory, "[%s] has no services, so it is for sshd alone; the service is %s",
                        rule->title, fact_of(conditions, CONDITION_SERVICES, memory));
}

const char *explain_condition(const struct conditions *conditions, const struct grant *rule,
                              enum condition which, enum answer answer, struct arena *memory)
{
    const char *value = value_of(rule, which, memory);
    const char *fact = "";
    const char *how = "met";

    if (!conditions_has(rule, which))
        return explain_absence(conditions, rule, which, memory);
    if (answer == ANSWER_UNKNOWN)
        how = words[which].unknown;
    if (answer == ANSWER_NO) {
        how = words[which].unmet;
        fact = fact_of(conditions, which, memory);
    }
    if (value == NULL || fact == NULL)
        return NULL;
    if (which == CONDITION_HOURS && answer == ANSWER_NO &&
        conditions->clocks[rule->hours.zone].known_until == 0)
        how = "the file of its time zone cannot be read";
    return arena_format(memory, "%s = %s: %s%s", words[which].key, value, how, fact);
}
