/*
 * Rules as `nft -j list ruleset` prints them: libnftables-json(5).
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "xacct_admin/forward_rules.h"

#define TABLE_SIZE 256 /* bytes of FAMILY NAME */

/* What the rules are read from. */
struct listing {
    struct forward_rules *rules;
    const json_t *all; /* the array of objects */
};

static const char *text_of(const json_t *object, const char *member)
{
    const char *text = json_string_value(json_object_get(object, member));

    return text != NULL ? text : "";
}

/* The chain that an object is, or belongs to, by the member that names it. */
static struct forward_chain *chain_of(const struct listing *listing, const json_t *object,
                                      const char *member)
{
    char table[TABLE_SIZE];

    snprintf(table, sizeof table, "%s %s", text_of(object, "family"), text_of(object, "table"));
    return forward_chain_of(listing->rules, table, text_of(object, member));
}

/* The flags of the table that a chain is in, or NULL where it has none. */
static const json_t *flags_of(const struct listing *listing, const json_t *chain)
{
    const json_t *entry;
    size_t i;

    json_array_foreach(listing->all, i, entry)
    {
        const json_t *table = json_object_get(entry, "table");

        if (strcmp(text_of(table, "name"), text_of(chain, "table")) == 0 &&
            strcmp(text_of(table, "family"), text_of(chain, "family")) == 0)
            return json_object_get(table, "flags");
    }
    return NULL;
}

static bool has(const json_t *right, const char *wanted);

static void take_chain(const struct listing *listing, const json_t *object)
{
    const json_t *flags = flags_of(listing, object);
    struct forward_chain *chain = chain_of(listing, object, "name");
    const char *family = text_of(object, "family");
    const bool is_both = strcmp(family, "inet") == 0;

    if (chain == NULL)
        return;
    chain->is_base = strcmp(text_of(object, "hook"), "forward") == 0 &&
                     strcmp(text_of(object, "type"), "filter") == 0 && !has(flags, "dormant");
    /* nft 1.0.6 prints some other text for "dormant". */
    chain->may_sleep = flags != NULL && !has(flags, "owner") && !has(flags, "persist");
    chain->refuses = strcmp(text_of(object, "policy"), "drop") == 0;
    chain->is_ipv4 = is_both || strcmp(family, "ip") == 0;
    chain->is_ipv6 = is_both || strcmp(family, "ip6") == 0;
}

static bool add_destinations(const struct listing *listing, struct forward_rule *rule,
                             const json_t *table, const json_t *right);

/* The elements of a named set of the same table. */
static bool add_named_set(const struct listing *listing, struct forward_rule *rule,
                          const json_t *table, const char *name)
{
    const json_t *entry, *elements;
    size_t i;

    json_array_foreach(listing->all, i, entry)
    {
        const json_t *set = json_object_get(entry, "set");

        if (set == NULL || strcmp(text_of(set, "name"), name) != 0 ||
            strcmp(text_of(set, "table"), text_of(table, "table")) != 0 ||
            strcmp(text_of(set, "family"), text_of(table, "family")) != 0)
            continue;
        elements = json_object_get(set, "elem");
        /* A set that is empty is about no packet. */
        if (elements == NULL || json_array_size(elements) == 0)
            rule->never = true;
        return rule->never || add_destinations(listing, rule, table, elements);
    }
    return false;
}

/* Adds what a destination is compared with: an address, a prefix, a list or set of them. */
static bool add_destinations(const struct listing *listing, struct forward_rule *rule,
                             const json_t *table, const json_t *right)
{
    const json_t *list = json_is_array(right) ? right : json_object_get(right, "set");
    const json_t *prefix = json_object_get(right, "prefix"), *item;
    const char *text = json_string_value(right);
    char joined[128];
    size_t i;

    if (text != NULL && text[0] == '@')
        return add_named_set(listing, rule, table, text + 1);
    if (text != NULL)
        return forward_rule_add(listing->rules, rule, text);
    if (prefix != NULL) {
        snprintf(joined, sizeof joined, "%s/%d", text_of(prefix, "addr"),
                 (int)json_integer_value(json_object_get(prefix, "len")));
        return forward_rule_add(listing->rules, rule, joined);
    }
    if (json_object_get(right, "elem") != NULL)
        return add_destinations(listing, rule, table,
                                json_object_get(json_object_get(right, "elem"), "val"));
    if (list == NULL)
        return false;
    json_array_foreach(list, i, item)
    {
        if (!add_destinations(listing, rule, table, item))
            return false;
    }
    return true;
}

/* Whether a list, set or single text of the right side has this one. */
static bool has(const json_t *right, const char *wanted)
{
    const json_t *list = json_is_array(right) ? right : json_object_get(right, "set"), *item;
    size_t i;

    if (json_is_string(right))
        return strcmp(json_string_value(right), wanted) == 0;
    json_array_foreach(list, i, item)
    {
        if (has(item, wanted))
            return true;
    }
    return false;
}

/* Binds a rule to the family of packets that a comparison is about, if it is about one. */
static void bind_family(struct forward_rule *rule, const json_t *left, const json_t *right)
{
    const json_t *payload = json_object_get(left, "payload");
    const char *key = text_of(json_object_get(left, "meta"), "key");
    const char *protocol = text_of(payload, "protocol");

    if (strcmp(key, "nfproto") == 0) {
        rule->not_ipv4 = rule->not_ipv4 || !has(right, "ipv4");
        rule->not_ipv6 = rule->not_ipv6 || !has(right, "ipv6");
    } else if (strcmp(key, "protocol") == 0) {
        rule->not_ipv4 = rule->not_ipv4 || !has(right, "ip");
        rule->not_ipv6 = rule->not_ipv6 || !has(right, "ip6");
    } else if (strcmp(protocol, "ip") == 0) {
        rule->not_ipv6 = true;
    } else if (strcmp(protocol, "ip6") == 0) {
        rule->not_ipv4 = true;
    }
}

/* Whether a comparison is met by whatever opens a connection to port 80 by TCP. */
static bool is_met_anyway(const json_t *left, const json_t *right)
{
    const json_t *payload = json_object_get(left, "payload"), *meta = json_object_get(left, "meta");
    const char *field = text_of(payload, "field"), *key = text_of(meta, "key");

    if (strcmp(key, "l4proto") == 0 || strcmp(field, "protocol") == 0 ||
        strcmp(field, "nexthdr") == 0)
        return has(right, "tcp");
    if (strcmp(text_of(payload, "protocol"), "tcp") == 0 && strcmp(field, "dport") == 0)
        return json_is_integer(right) && json_integer_value(right) == 80;
    /* These say which family, to which the rule is bound. */
    return strcmp(key, "nfproto") == 0 || strcmp(key, "protocol") == 0;
}

/* Takes one comparison of a rule. */
static void take_match(const struct listing *listing, struct forward_rule *rule,
                       const json_t *table, const json_t *match)
{
    const json_t *left = json_object_get(match, "left"), *right = json_object_get(match, "right");
    const char *op = text_of(match, "op");
    const char *meta = text_of(json_object_get(left, "meta"), "key");
    const bool is_equal = strcmp(op, "==") == 0 || strcmp(op, "in") == 0;

    if (is_equal)
        bind_family(rule, left, right);
    if (strcmp(text_of(json_object_get(left, "payload"), "field"), "daddr") == 0) {
        /* Of two such comparisons both have to be met, while destinations add up. */
        if (!is_equal || rule->to_count > 0 || !add_destinations(listing, rule, table, right))
            rule->to_is_known = false;
    } else if (strcmp(text_of(json_object_get(left, "ct"), "key"), "state") == 0 && is_equal) {
        rule->never = rule->never || (!has(right, "new") && !has(right, "untracked"));
        rule->is_narrowed = true;
    } else if (strcmp(meta, "skuid") == 0 || strcmp(meta, "skgid") == 0) {
        /* What is forwarded has no socket here. */
        rule->never = true;
    } else if (!is_equal || !is_met_anyway(left, right)) {
        rule->is_narrowed = true;
    }
}

/* Whether a map of verdicts is one of states of a connection in which none begins. */
static bool is_of_later_states(const json_t *map)
{
    const json_t *key = json_object_get(json_object_get(map, "key"), "ct"), *item;
    const json_t *list = json_object_get(json_object_get(map, "data"), "set");
    size_t i;

    if (strcmp(text_of(key, "key"), "state") != 0 || list == NULL)
        return false;
    json_array_foreach(list, i, item)
    {
        const json_t *state = json_array_get(item, 0);

        if (!json_is_string(state) || has(state, "new") || has(state, "untracked"))
            return false;
    }
    return true;
}

/* Takes one statement that is no comparison. */
static void take_statement(const struct listing *listing, struct forward_rule *rule,
                           const json_t *statement)
{
    static const char *const conditions[] = {"limit", "quota", "ct count", "set",
                                             "map",   "meter", "last",     "flow"};
    static const struct {
        const char *name;
        enum forward_verdict verdict;
    } verdicts[] = {
        {"accept", FORWARD_ACCEPT}, {"drop", FORWARD_REFUSE},  {"reject", FORWARD_REFUSE},
        {"return", FORWARD_RETURN}, {"jump", FORWARD_JUMP},    {"goto", FORWARD_GOTO},
        {"queue", FORWARD_UNKNOWN}, {"vmap", FORWARD_UNKNOWN},
    };
    static const char *const harmless[] = {"counter", "log", "comment", "mangle", "notrack"};
    const json_t *xt = json_object_get(statement, "xt");
    size_t i;

    for (i = 0; i < sizeof verdicts / sizeof *verdicts; i++) {
        const json_t *value = json_object_get(statement, verdicts[i].name);

        if (value == NULL)
            continue;
        rule->never = rule->never || is_of_later_states(value);
        rule->verdict = verdicts[i].verdict;
        rule->target = arena_format(listing->rules->memory, "%s", text_of(value, "target"));
        if (rule->target == NULL)
            rule->verdict = FORWARD_NOTHING;
        return;
    }
    if (strcmp(text_of(xt, "name"), "REJECT") == 0) {
        rule->verdict = FORWARD_REFUSE;
        return;
    }
    for (i = 0; i < sizeof harmless / sizeof *harmless; i++)
        if (json_object_get(statement, harmless[i]) != NULL)
            return;
    rule->is_narrowed = true;
    for (i = 0; i < sizeof conditions / sizeof *conditions; i++)
        if (json_object_get(statement, conditions[i]) != NULL)
            return;
    /* A target of iptables' own, or a statement that is not known here; a verdict behind it counts
     * in its place. */
    if (strcmp(text_of(xt, "type"), "match") != 0 && rule->verdict == FORWARD_NOTHING)
        rule->verdict = FORWARD_UNKNOWN;
}

static void take_rule(const struct listing *listing, const json_t *object)
{
    struct forward_chain *chain = chain_of(listing, object, "chain");
    struct forward_rule *rule = chain != NULL ? forward_rule_new(listing->rules, chain) : NULL;
    const json_t *statement;
    size_t i;

    json_array_foreach(json_object_get(object, "expr"), i, statement)
    {
        const json_t *match = json_object_get(statement, "match");

        if (rule == NULL)
            return;
        if (match != NULL)
            take_match(listing, rule, object, match);
        else
            take_statement(listing, rule, statement);
    }
}

bool forward_nft_take(struct forward_rules *rules, const char *text, size_t length)
{
    json_t *root = json_loadb(text, length, 0, NULL);
    struct listing listing = {rules, json_object_get(root, "nftables")};
    const json_t *entry;
    size_t i;

    json_array_foreach(listing.all, i, entry)
    {
        if (json_object_get(entry, "chain") != NULL)
            take_chain(&listing, json_object_get(entry, "chain"));
        else if (json_object_get(entry, "rule") != NULL)
            take_rule(&listing, json_object_get(entry, "rule"));
    }
    json_decref(root);
    return listing.all != NULL;
}
