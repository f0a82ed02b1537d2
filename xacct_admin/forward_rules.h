/*
 * Whether packets that this host forwards, such as those of its containers, may go to an address:
 * the rules of nft(8) and iptables(8), brought into one form.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_FORWARD_RULES_H
#define XACCT_XACCT_ADMIN_FORWARD_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "policy/address.h"
#include "policy/arena.h"

/* What a rule does with the packets that it is about. */
enum forward_verdict {
    FORWARD_NOTHING, /* goes on to the next */
    FORWARD_ACCEPT,
    FORWARD_REFUSE, /* drop or reject */
    FORWARD_JUMP,   /* asks another chain, and goes on if that says nothing */
    FORWARD_GOTO,   /* asks another chain, and goes on behind this one's caller */
    FORWARD_RETURN,
    FORWARD_UNKNOWN /* any of these, as far as can be told here */
};

struct forward_rule {
    struct prefix *to; /* the destinations that it is about; none: all */
    size_t to_count;
    bool to_is_known; /* else it is about some that cannot be told */
    bool is_narrowed; /* it asks for more than that, so that it is about some packets alone */
    bool not_ipv4, not_ipv6; /* it is about no packet of that family */
    bool never;              /* no packet that begins to talk to a metadata service is its */
    enum forward_verdict verdict;
    const char *target; /* the chain of a jump */
};

struct forward_chain {
    const char *table; /* chains of different tables do not see each other */
    const char *name;
    bool is_base;          /* packets that are forwarded begin here */
    bool refuses;          /* what no rule is about: its policy */
    bool may_sleep;        /* whether its table is in force cannot be told */
    bool is_ipv4, is_ipv6; /* whose packets come here */
    struct forward_rule *rules;
    size_t count;
};

struct forward_rules {
    struct forward_chain *chains;
    size_t count;
    bool is_read;    /* by one of the programs at least */
    const char *why; /* not NULL: why another could not tell */
    struct arena *memory;
};

enum forward_answer {
    FORWARD_IS_REFUSED, /* no packet gets there */
    FORWARD_IS_OPEN,    /* nothing keeps packets from it */
    FORWARD_UNSURE      /* it depends on what is not looked at here */
};

/* Reads the rules in force by the programs that there are, all of them within `milliseconds`. */
void forward_rules_read(int milliseconds, struct arena *memory, struct forward_rules *rules);

/* What becomes of packets to this address. */
enum forward_answer forward_rules_ask(const struct forward_rules *rules,
                                      const struct address *address);

/* Between the files of the readers: the chain of this name, made if there is none; NULL without
 * memory. */
struct forward_chain *forward_chain_of(struct forward_rules *rules, const char *table,
                                       const char *name);

/* A new rule at the end of a chain; NULL without memory. */
struct forward_rule *forward_rule_new(struct forward_rules *rules, struct forward_chain *chain);

/* Adds a destination in the form ADDRESS or ADDRESS/BITS. Returns false where it is none. */
bool forward_rule_add(struct forward_rules *rules, struct forward_rule *rule, const char *text);

/* forward_nft.c: takes what `nft -j list ruleset` prints. Returns false where that is not JSON. */
bool forward_nft_take(struct forward_rules *rules, const char *text, size_t length);

/* forward_iptables.c: takes what iptables-save(8) prints, or with `is_ipv6` ip6tables-save; the
 * text is cut. */
void forward_iptables_take(struct forward_rules *rules, char *text, bool is_ipv6);

#endif
