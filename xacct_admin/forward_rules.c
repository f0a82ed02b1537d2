/*
 * What the rules on the way of forwarded packets come to.
 *
 * Several programs may have base chains on that way. A packet is let through by all of them or not
 * at all, so one that refuses is enough. Source: nft(8), "Chains", "Verdict statements".
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "xacct_admin/forward_rules.h"

#include <string.h>

#include "common/deadline.h"
#include "xacct_admin/program.h"

#define DEPTH_MOST 16 /* of jumps, as in the kernel */

/* What a chain says of packets to one address. */
struct course {
    const struct forward_rules *rules;
    const struct address *address;
    bool may_pass;   /* a rule before lets some of them through */
    bool may_refuse; /* a rule before refuses some of them */
};

enum end { END_NONE, END_ACCEPT, END_REFUSE };

static struct forward_chain *find_chain(const struct forward_rules *rules, const char *table,
                                        const char *name)
{
    size_t i;

    for (i = 0; i < rules->count; i++)
        if (strcmp(rules->chains[i].table, table) == 0 && strcmp(rules->chains[i].name, name) == 0)
            return &rules->chains[i];
    return NULL;
}

struct forward_chain *forward_chain_of(struct forward_rules *rules, const char *table,
                                       const char *name)
{
    struct forward_chain *chains, *chain = find_chain(rules, table, name);

    if (chain != NULL)
        return chain;
    chains = arena_grow(rules->memory, rules->chains, rules->count, sizeof *chains);
    if (chains == NULL)
        return NULL;
    rules->chains = chains;
    chain = &chains[rules->count];
    chain->table = arena_text(rules->memory, table, strlen(table));
    chain->name = arena_text(rules->memory, name, strlen(name));
    if (chain->table == NULL || chain->name == NULL)
        return NULL;
    rules->count++;
    return chain;
}

struct forward_rule *forward_rule_new(struct forward_rules *rules, struct forward_chain *chain)
{
    struct forward_rule *items =
        arena_grow(rules->memory, chain->rules, chain->count, sizeof *items);

    if (items == NULL)
        return NULL;
    chain->rules = items;
    items[chain->count].to_is_known = true;
    return &items[chain->count++];
}

bool forward_rule_add(struct forward_rules *rules, struct forward_rule *rule, const char *text)
{
    struct prefix *items = arena_grow(rules->memory, rule->to, rule->to_count, sizeof *items);
    char why[256];

    if (items == NULL)
        return false;
    rule->to = items;
    if (!prefix_read(text, &items[rule->to_count], why, sizeof why))
        return false;
    rule->to_count++;
    return true;
}

/* Whether a rule is about all packets to the address; or, where `some`, about some of them. */
static bool is_about(const struct course *course, const struct forward_rule *rule, bool some)
{
    size_t i;

    if (rule->never || (course->address->is_ipv4 ? rule->not_ipv4 : rule->not_ipv6))
        return false;
    if (!some && (rule->is_narrowed || !rule->to_is_known))
        return false;
    if (!rule->to_is_known || rule->to_count == 0)
        return true;
    for (i = 0; i < rule->to_count; i++)
        if (prefix_holds(&rule->to[i], course->address))
            return true;
    return false;
}

static enum end follow(struct course *course, const struct forward_chain *chain, int depth);

/* What a rule does that is about packets to the address. Sets *leave where the chain ends there. */
static enum end obey(struct course *course, const struct forward_chain *chain,
                     const struct forward_rule *rule, int depth, bool *leave)
{
    struct course inner = *course;
    const bool all = is_about(course, rule, false);
    const struct forward_chain *target;
    enum end end = END_NONE;

    switch (rule->verdict) {
    case FORWARD_ACCEPT:
        course->may_pass = course->may_pass || !all;
        return all ? END_ACCEPT : END_NONE;
    case FORWARD_REFUSE:
        course->may_refuse = course->may_refuse || !all;
        return all ? END_REFUSE : END_NONE;
    case FORWARD_RETURN:
        *leave = all;
        /* Some of them may miss what follows. */
        course->may_pass = course->may_pass || !all;
        return END_NONE;
    case FORWARD_JUMP:
    case FORWARD_GOTO:
        target = find_chain(course->rules, chain->table, rule->target);
        if (target != NULL)
            end = follow(&inner, target, depth + 1);
        /* What is no chain is a target of iptables that is not known here. */
        course->may_pass = course->may_pass || inner.may_pass || (!all && end == END_ACCEPT) ||
                           (!all && rule->verdict == FORWARD_GOTO) || target == NULL;
        course->may_refuse =
            course->may_refuse || inner.may_refuse || (!all && end == END_REFUSE) || target == NULL;
        *leave = all && rule->verdict == FORWARD_GOTO;
        return all ? end : END_NONE;
    case FORWARD_UNKNOWN:
        course->may_pass = course->may_refuse = true;
        return END_NONE;
    default:
        return END_NONE;
    }
}

static enum end follow(struct course *course, const struct forward_chain *chain, int depth)
{
    bool leave = false;
    size_t i;

    for (i = 0; i < chain->count && depth < DEPTH_MOST && !leave; i++) {
        enum end end = END_NONE;

        if (is_about(course, &chain->rules[i], true))
            end = obey(course, chain, &chain->rules[i], depth, &leave);
        if (end != END_NONE)
            return end;
    }
    return END_NONE;
}

enum forward_answer forward_rules_ask(const struct forward_rules *rules,
                                      const struct address *address)
{
    enum forward_answer answer = FORWARD_IS_OPEN;
    size_t i;

    for (i = 0; i < rules->count; i++) {
        const struct forward_chain *chain = &rules->chains[i];
        struct course course = {.rules = rules, .address = address};
        enum end end;

        if (!chain->is_base || !(address->is_ipv4 ? chain->is_ipv4 : chain->is_ipv6))
            continue;
        end = follow(&course, chain, 0);
        if (end == END_NONE && chain->refuses)
            end = END_REFUSE;
        if (end == END_REFUSE && !course.may_pass && !chain->may_sleep)
            return FORWARD_IS_REFUSED;
        if (end == END_REFUSE || course.may_refuse)
            answer = FORWARD_UNSURE;
    }
    return answer;
}

/* Runs one program. Returns whether it printed what can be taken, after which it is to be freed. */
static bool run(struct forward_rules *rules, const char *name, const char *const *options,
                struct deadline deadline, struct program_run *done)
{
    char program[64];
    const char *arguments[6] = {program};
    size_t i;

    if (program_find(name, program, sizeof program) == NULL)
        return false;
    for (i = 0; options[i] != NULL; i++)
        arguments[i + 1] = options[i];
    program_run(arguments, deadline_left_ms(deadline), done);
    if (done->why[0] == '\0' && done->status == 0) {
        rules->is_read = true;
        return done->output.length > 0;
    }
    rules->why =
        done->why[0] != '\0'
            ? arena_format(rules->memory, "%s", done->why)
            : arena_format(rules->memory, "%s: %s", program,
                           done->errors.length > 0 ? done->errors.bytes : "it ends with an error");
    return false;
}

void forward_rules_read(int milliseconds, struct arena *memory, struct forward_rules *rules)
{
    static const char *const list[] = {"-j", "list", "ruleset", NULL};
    static const char *const filter[] = {"-t", "filter", NULL};
    static const char *const savers[] = {"iptables-legacy-save", "ip6tables-legacy-save",
                                         "iptables-save", "ip6tables-save"};
    const struct deadline deadline = deadline_in_ms(milliseconds);
    struct program_run done = {.status = -1};
    size_t i;

    *rules = (struct forward_rules){.memory = memory};
    if (run(rules, "nft", list, deadline, &done) &&
        !forward_nft_take(rules, done.output.bytes, done.output.length))
        rules->why = "nft prints no JSON";
    program_run_free(&done);
    for (i = 0; i < sizeof savers / sizeof *savers; i++) {
        done = (struct program_run){.status = -1};
        if (run(rules, savers[i], filter, deadline, &done))
            forward_iptables_take(rules, done.output.bytes, i % 2 == 1);
        program_run_free(&done);
    }
}
