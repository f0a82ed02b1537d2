/*
 * The sections and keys that a policy may have. Inside policy/ only.
 *
 * A new key is a line in the table of keys.c and a function here that understands its value.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_KEYS_H
#define XACCT_POLICY_KEYS_H

#include <stdbool.h>

#include "policy/loader.h"

enum key_shape {
    KEY_SCALAR, /* one text on one line */
    KEY_JOINED, /* one text; indented lines below it are joined on without a separator */
    KEY_LIST,   /* words; indented lines below it and further lines of the key add to them */
    KEY_PAIRS   /* as a list, of KEY=VALUE */
};

struct key {
    const char *name;
    unsigned sections; /* a bit 1 << kind for each kind of section that takes it */
    unsigned required; /* and for each kind that cannot be without it */
    enum key_shape shape;
    /* Understands the entry's values and puts them where they belong, or tells what is wrong. */
    void (*set)(struct loader *loader, struct target *target, const struct entry *entry);
};

/*
 * The kind of section that is called `word` and whether it takes a name; SECTION_KINDS when there
 * is none.
 */
enum section_kind section_kind_find(const char *word, size_t length, enum section_name *takes);

/* Writes "[xacct] [base] [account NAME] ..." to `list` of `size` bytes, for messages. */
void section_kinds_list(char *list, size_t size);

/* Sorts the keys by the kinds of sections that take them, for what follows. False: no memory. */
bool keys_prepare(struct loader *loader);

/* How many keys a section may have, of the kind that may have most. */
size_t keys_most(const struct loader *loader);

/* The key of this name in sections of this kind, or NULL. */
const struct key *key_find(const struct loader *loader, enum section_kind kind, const char *name);

/* Tells that `name` is no key of the section, and which are. */
void key_unknown(struct loader *loader, const struct section *section, struct position at,
                 const char *name);

/*
 * Hands each entry of the target's section to its key, tells which required keys it lacks, and lets
 * the section's kind finish what the keys began.
 */
void keys_apply(struct loader *loader, struct target *target);

/* Keys of [xacct] alone: set_host.c */
void set_identity(struct loader *, struct target *, const struct entry *);
void set_timeout(struct loader *, struct target *, const struct entry *);
void set_sts_endpoint(struct loader *, struct target *, const struct entry *);
void set_console_endpoint(struct loader *, struct target *, const struct entry *);
void set_ca_bundle(struct loader *, struct target *, const struct entry *);
void set_minimum_uid(struct loader *, struct target *, const struct entry *);
void set_audit(struct loader *, struct target *, const struct entry *);
void set_audit_syslog(struct loader *, struct target *, const struct entry *);
void set_sessions(struct loader *, struct target *, const struct entry *);
void set_session_max(struct loader *, struct target *, const struct entry *);
void set_state(struct loader *, struct target *, const struct entry *);
void set_proxy(struct loader *, struct target *, const struct entry *);
void set_fips(struct loader *, struct target *, const struct entry *);
void set_dual_stack(struct loader *, struct target *, const struct entry *);

/* Keys of [base] alone: set_base.c */
void set_base_source(struct loader *, struct target *, const struct entry *);
void set_base_successor(struct loader *, struct target *, const struct entry *);
void set_base_source_identity(struct loader *, struct target *, const struct entry *);
void set_base_file(struct loader *, struct target *, const struct entry *);
void set_base_profile(struct loader *, struct target *, const struct entry *);
void set_base_endpoint(struct loader *, struct target *, const struct entry *);
void set_base_ipv6(struct loader *, struct target *, const struct entry *);
void set_base_token_file(struct loader *, struct target *, const struct entry *);
void set_base_role_arn(struct loader *, struct target *, const struct entry *);
void set_base_session_name(struct loader *, struct target *, const struct entry *);
void set_base_certificate(struct loader *, struct target *, const struct entry *);
void set_base_key(struct loader *, struct target *, const struct entry *);
void set_base_pkcs11_module(struct loader *, struct target *, const struct entry *);
void set_base_pin_file(struct loader *, struct target *, const struct entry *);
void set_base_trust_anchor_arn(struct loader *, struct target *, const struct entry *);
void set_base_profile_arn(struct loader *, struct target *, const struct entry *);
void set_base_command(struct loader *, struct target *, const struct entry *);

/* Keys of [account] and [role] alone: set_role.c */
void set_account_id(struct loader *, struct target *, const struct entry *);
void set_role_account(struct loader *, struct target *, const struct entry *);
void set_role_name(struct loader *, struct target *, const struct entry *);
void set_role_arn(struct loader *, struct target *, const struct entry *);

/* Which Unix group shows who may use it, in the same sections: set_unix_group.c */
void set_unix_group(struct loader *, struct target *, const struct entry *);
void set_gid(struct loader *, struct target *, const struct entry *);

/* The group that the target's section names, or NULL where it names none or is wrong about it. */
const struct unix_group *finish_unix_group(struct loader *, struct target *);

/*
 * What a role is assumed with, in [account], [role], [pattern] and partly [xacct], and two keys of
 * [base] that are alike: set_settings.c
 */
void set_description(struct loader *, struct target *, const struct entry *);
void set_external_id(struct loader *, struct target *, const struct entry *);
void set_region(struct loader *, struct target *, const struct entry *);
void set_session_name(struct loader *, struct target *, const struct entry *);
void set_session_policy(struct loader *, struct target *, const struct entry *);
void set_policy_arns(struct loader *, struct target *, const struct entry *);
void set_duration(struct loader *, struct target *, const struct entry *);
void set_min_life(struct loader *, struct target *, const struct entry *);
void set_deliver(struct loader *, struct target *, const struct entry *);
void set_source_identity(struct loader *, struct target *, const struct entry *);
void set_tags(struct loader *, struct target *, const struct entry *);
void set_transitive_tags(struct loader *, struct target *, const struct entry *);

/* By whose word and where a role is assumed, in the same sections: set_way.c */
void set_via(struct loader *, struct target *, const struct entry *);
void set_base(struct loader *, struct target *, const struct entry *);
void set_base_role(struct loader *, struct target *, const struct entry *);
void set_sts_regions(struct loader *, struct target *, const struct entry *);

/* Keys of [ca]: set_ca.c */
void set_ca_key(struct loader *, struct target *, const struct entry *);
void set_ca_identity(struct loader *, struct target *, const struct entry *);
void set_ca_names(struct loader *, struct target *, const struct entry *);

/* Keys of [grant] and [deny]: set_rule.c */
void set_users(struct loader *, struct target *, const struct entry *);
void set_groups(struct loader *, struct target *, const struct entry *);
void set_principals(struct loader *, struct target *, const struct entry *);
void set_rule_roles(struct loader *, struct target *, const struct entry *);
void set_rule_accounts(struct loader *, struct target *, const struct entry *);
void set_default_role(struct loader *, struct target *, const struct entry *);

/* Keys of [pattern] alone: set_pattern.c */
void set_pattern_groups(struct loader *, struct target *, const struct entry *);
void set_pattern_path(struct loader *, struct target *, const struct entry *);
void set_pattern_case(struct loader *, struct target *, const struct entry *);

/* Keys of [grant] and [pattern] about places and methods: set_conditions.c */
void set_services(struct loader *, struct target *, const struct entry *);
void set_hosts(struct loader *, struct target *, const struct entry *);
void set_from(struct loader *, struct target *, const struct entry *);
void set_auth(struct loader *, struct target *, const struct entry *);

/* Keys of [grant] and [pattern] about time: set_times.c */
void set_since(struct loader *, struct target *, const struct entry *);
void set_until(struct loader *, struct target *, const struct entry *);
void set_detach(struct loader *, struct target *, const struct entry *);

/* The one of them that says in which hours of the week: set_hours.c */
void set_hours(struct loader *, struct target *, const struct entry *);

/* What can only be said when all keys of a section have been understood. */
void finish_xacct(struct loader *, struct target *);
void finish_base(struct loader *, struct target *);
void finish_ca(struct loader *, struct target *);
void finish_account(struct loader *, struct target *);
void finish_role(struct loader *, struct target *);
void finish_grant(struct loader *, struct target *);
void finish_deny(struct loader *, struct target *);
void finish_pattern(struct loader *, struct target *);

/*
 * What can only be said when all bases have been understood: which is whose successor, and the one
 * of all that name no other.
 */
void finish_bases(struct loader *);

/* The same of all accounts, roles and patterns: which roles their base roles are. */
void finish_base_roles(struct loader *);

/* Sets *path to the entry's value if it is an absolute path, or tells that it is none. */
void key_set_path(struct loader *loader, char **path, const struct entry *entry);

/* The entry's value, yes or no; UNSET when it is neither, which is told. */
enum tristate key_yes_or_no(struct loader *loader, const struct entry *entry);

/* Tells where `dual_stack = yes` asks for endpoints that the partition of `region` has not. */
void key_check_dual_stack(struct loader *loader, struct position at, const char *region);

/* Room in the policy's memory for as many texts as the entry has values. */
char **values_room(struct loader *loader, const struct entry *entry);

/*
 * Whether a word can be a name that a rule or a [ca] tells logins by; tells the loader if not.
 * With `patterns`, * and ? have a meaning in it.
 */
bool rule_name_is_fit(struct loader *loader, const char *key, const struct value *value,
                      bool patterns);

/*
 * What can only be said when all grants and patterns have been understood: makes points in time of
 * the dates among their since and until.
 */
void finish_dates(struct loader *);

#endif
