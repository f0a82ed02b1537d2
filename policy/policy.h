/*
 * A policy in memory: who may use which role in which account. Built by policy/load.h, decided on
 * by policy/decide.h. Everything is owned by the policy and lives until policy_free.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_POLICY_H
#define XACCT_POLICY_POLICY_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>
#include <time.h>

#include "common/file_stamp.h"
#include "policy/arena.h"
#include "policy/index.h"

/* Where a section or key stands. `file` belongs to the policy. Lines count from 1; 0 is "nowhere".
 */
struct position {
    const char *file;
    unsigned line;
};

/* A list of texts, in the order of the file. */
struct texts {
    char **items;
    size_t count;
};

/* Whether both texts are the same, or both are NULL. */
bool text_same(const char *a, const char *b);

/* Whether both lists hold the same texts in the same order. */
bool texts_same(const struct texts *a, const struct texts *b);

/* Whether the list holds this text. */
bool texts_have(const struct texts *list, const char *text);

/*
 * Adds a text that lies in `memory` to a list that grows by this alone. Returns false without
 * memory, as for a NULL that comes of it.
 */
bool texts_add(struct arena *memory, struct texts *list, char *text);

/* One session tag, KEY=VALUE; the value may be a template (policy/template.h). */
struct tag {
    char *key;
    char *value;
    struct position at;
};

struct tags {
    struct tag *items;
    size_t count;
};

/* The tag with this key, or NULL. STS compares keys without their case. */
const struct tag *tags_find(const struct tags *tags, const char *key);

/*
 * The tag that says which account a session is for, where the human may be another: for services
 * other than sshd, unless the role has a tag of this key itself. It is passed on along a chain.
 */
#define TAG_TARGET "xacct-target"

/*
 * The tag that names the human where no source identity can, since the session that signs carries
 * one already; likewise.
 */
#define TAG_HUMAN "xacct-human"

enum tristate { UNSET = -1, NO = 0, YES = 1 };

/* With whose word a role is assumed. */
enum via {
    VIA_UNSET,
    VIA_HOST,         /* the host's identity, a [base] */
    VIA_WEB_IDENTITY, /* the user's own token of an OpenID Connect provider */
    VIA_SAML,         /* the user's own SAML assertion */
    VIAS
};

/* As `via` has them in a policy; NULL for VIA_UNSET. */
extern const char *const via_names[VIAS];

struct base;
struct role;

/* How a session gets its credentials: as keys in its environment, or by a process that SDKs run. */
enum delivery { DELIVER_UNSET, DELIVER_ENV, DELIVER_PROCESS };

/* Seconds, where no duration is asked for: STS API reference, AssumeRole. */
#define DURATION_DEFAULT 3600

/* Seconds that a session gets at most by a session's credentials: IAM User Guide, "Role chaining".
 */
#define CHAINED_MOST 3600

/* What a request to AssumeRole is made of; every key of it may stand in [role] or [account]. */
struct role_settings {
    char *description;  /* NULL when not set, as all texts here */
    char *external_id;  /* 2 to 1224 of STS's characters */
    char *region;       /* AWS_REGION of the session */
    char *session_name; /* template; NULL means %{human} */
    struct position session_name_at;
    char *session_policy; /* the text of the file that `policy =` names, a template */
    struct position session_policy_at;
    struct texts policy_arns;
    struct tags tags;
    struct texts transitive_tags; /* keys among the tags that are passed on along a chain */
    int duration;                 /* seconds, 900 to 43200; 0 when not set */
    int min_life;                 /* seconds that credentials have left when they are handed out;
                                     below the duration; 0 when not set: half of the duration */
    enum delivery deliver;
    enum tristate source_identity; /* whether one is sent; UNSET in an account that does not say */
    enum via via;
    const struct base *base; /* whose credentials sign; NULL when not set */
    char *base_role_name;    /* of a [role] that is assumed before this one, or NULL */
    struct position base_role_at;
    const struct role *base_role; /* that one, once all roles are known */
    struct texts sts_regions;     /* whose STS is asked, in this order; none when not set */
};

/* Where the name of the human comes from. */
enum identity_source {
    IDENTITY_CERTIFICATE, /* the SSH certificate that sshd accepted, of a [ca] of the policy */
    IDENTITY_LOGINUID,    /* the kernel's login uid, for services other than sshd */
    IDENTITY_USER,        /* the Unix user */
    IDENTITY_SOURCES
};

/* As `identity` has them in [xacct], and in records and the audit file. */
extern const char *const identity_source_names[IDENTITY_SOURCES];

/* What in a certificate names the human. */
enum ca_identity { CA_IDENTITY_KEY_ID, CA_IDENTITY_PRINCIPAL };

/* Whose certificates name humans, and which names they may use. */
struct ca {
    char *name;         /* of [ca NAME] */
    const char *type;   /* such as "ssh-ed25519"; a constant */
    unsigned char *key; /* the public key as it travels: RFC 4253 section 6.6, RFC 5656, RFC 8709;
                           of canonical form, so that equal keys have equal bytes */
    size_t key_length;
    enum ca_identity identity;
    struct texts names; /* patterns with * and ?, of which a name must match one: policy_ca_may_name
                         */
    struct position at;
};

/* A Unix group that shows who may use what names it: who they are, libnss_xacct tells programs. */
struct unix_group {
    char *name;         /* of common/unix_group.h's form, as its gid is; */
    gid_t gid;          /* each name has one gid, and each gid one name */
    size_t place;       /* in policy.unix_groups */
    struct position at; /* the first `unix_group` of this name */
};

struct account {
    char *name;                          /* of [account NAME] */
    char *id;                            /* twelve digits */
    const struct unix_group *unix_group; /* of who may use any of its roles, or NULL */
    struct role_settings settings;
    struct position at;
};

/*
 * A role that may be used: one of the policy's, or one that a [pattern] derives for a login and
 * that the decision owns (decide.h).
 */
struct role {
    char *name; /* of [role NAME], or ACCOUNT/NAME of a derived one; what a user types */
    const struct account *account;
    const struct unix_group *unix_group; /* of who may use it, or NULL; not the account's */
    char *arn; /* arn:PARTITION:iam::ID:role/PATH/NAME, a template where it has %{ */
    /*
     * Its own, filled up from the account's, then [xacct]'s: here `region` is always set,
     * `source_identity` is YES or NO, `deliver` is ENV or PROCESS, `via` is not UNSET, `base` is
     * set, and `sts_regions` has one at least, all of the partition that the ARN is in. Following
     * `base_role` comes to an end.
     */
    struct role_settings settings;
    struct position at; /* of the section; of a derived one: of its [pattern] */
};

/* Who a rule is about: any name that matches makes it apply. */
struct subjects {
    struct texts users;
    struct texts principals; /* names of identities from certificates */
    size_t *groups;          /* indices into policy.groups */
    size_t group_count;
};

/*
 * A point in time that a rule names. A date became one in the time zone of the grant when the
 * policy was read.
 */
struct moment {
    time_t at;             /* 0 when not set */
    char *text;            /* as the policy says it; NULL when not set */
    struct position where; /* the line that does */
};

/* A part of the week, in minutes since Monday 00:00, from the first to before the last. */
struct span {
    int from;
    int to; /* up to 7 * 24 * 60 */
};

/* The hours in which a grant holds, by what clocks show in a time zone. */
struct hours {
    struct span *spans; /* in order and apart from each other */
    size_t count;       /* none: at any time */
    size_t zone;        /* index into policy.zones */
    char *text;         /* as the policy says it, for messages; NULL when not set */
};

/* Addresses with their first `bits` bits in common. */
struct prefix {
    char *text; /* as the policy says it */
    bool is_ipv4;
    unsigned char bytes[16]; /* in the order of the network; the first 4 of an IPv4 prefix */
    unsigned bits;           /* up to 32 or 128; the bits behind them are 0 */
};

struct prefixes {
    struct prefix *items;
    size_t count;
};

/* What a grant may say about a login beside whom it is for, in the order in which it is asked. */
enum condition {
    CONDITION_SERVICES,
    CONDITION_HOSTS,
    CONDITION_FROM,
    CONDITION_AUTH,
    CONDITION_UNTIL,
    CONDITION_SINCE,
    CONDITION_DETACH,
    CONDITION_HOURS,
    CONDITION_COUNT
};

/* A rule that gives roles, under conditions: a [grant], or the part of a [pattern] that is alike.
 */
struct grant {
    char *name;
    char *title; /* "grant NAME" or "pattern NAME", as in its brackets: for messages */
    struct subjects who;
    struct texts services; /* empty means sshd alone */
    struct texts hosts;    /* patterns with * and ?, of any case; empty means all */
    struct prefixes from;  /* empty means from anywhere */
    struct texts auth;     /* methods as sshd names them; empty means any */
    struct moment since;   /* the first second at which it holds */
    struct moment until;   /* the first second at which it holds no more */
    struct hours hours;
    int detach;                /* seconds for which it holds on after the session's end; 0: none */
    const struct role **roles; /* in the order written */
    size_t role_count;
    const struct role *default_role; /* NULL, or one of roles */
    struct position at;
    struct position condition_at[CONDITION_COUNT]; /* the lines of those that are set */
};

/* Roles straight from the groups that a login is in: policy/pattern.h. */
struct pattern {
    struct grant rule; /* names nobody and no role: its groups and roles are found by their form */
    char *groups;      /* as the policy says it, for messages */
    char *before;      /* what a group begins with, */
    char *between;     /* what stands between account and role, one byte at least, */
    char *after;       /* and what it ends with */
    bool role_first;   /* the role stands before the account */
    bool exact; /* the role is taken as it is spelt in the group; else its name, once `path` is
                   filled in, must be one of the account's roles of the policy in any case */
    char *path; /* of the role: PATH/NAME with {role} and perhaps {account} */
    struct role_settings settings; /* of roles that are not among the policy's; as in [role] before
                                      the account's are filled in */
};

struct deny {
    char *name;
    struct subjects who;
    const struct account **accounts; /* with no account and no role named: everything */
    size_t account_count;
    const struct role **roles;
    size_t role_count;
    struct position at;
};

/* Where the host's own credentials come from. */
enum base_source {
    BASE_FILE,           /* a file in the format of AWS's shared credentials */
    BASE_IMDS,           /* the metadata service of EC2 */
    BASE_CONTAINER,      /* the endpoint that ECS and EKS give a container */
    BASE_WEB_IDENTITY,   /* a role, by a token of an OpenID Connect provider */
    BASE_ROLES_ANYWHERE, /* a role, by an X.509 certificate */
    BASE_PROCESS,        /* a program of the admin's that prints them */
    BASE_SOURCES
};

/* As `source` has them in a [base]. */
extern const char *const base_source_names[BASE_SOURCES];

/* One identity of this host. What a source does not use is NULL or 0. Paths are absolute. */
struct base {
    char *name;  /* of [base NAME]; empty for [base] */
    char *title; /* "base" or "base NAME", as in its brackets: for messages */
    enum base_source source;
    char *successor_name; /* as the policy says it, or NULL */
    struct position successor_at;
    const struct base *successor; /* asked when this one is refused, or NULL; never in a circle */
    bool source_identity_fixed;   /* its sessions carry a source identity, which none can change */
    char *region;                 /* whose endpoint is asked for it, where the source has one; of
                                     the partition that its roles are in; always set */
    char *file;                   /* file */
    char *profile;                /* file: section in it; "default" unless set */
    char *endpoint;         /* imds: http://ADDRESS; container: the whole URL; roles-anywhere: in
                               place of the region's; or NULL */
    bool ipv6;              /* imds: its IPv6 address instead of the IPv4 one */
    char *token_file;       /* web-identity; container, or NULL */
    char *role_arn;         /* web-identity, roles-anywhere */
    char *session_name;     /* the same; NULL: web-identity sends the host's name, roles-anywhere
                               sends none */
    int duration;           /* the same: seconds, or 0 */
    char *certificate;      /* roles-anywhere: PEM, and the intermediates behind it */
    char *key;              /* roles-anywhere: path of a PEM file, or a pkcs11: URI (RFC 7512) */
    char *pkcs11_module;    /* roles-anywhere with such a URI: path of the module */
    char *pin_file;         /* the same: path of a file with the PIN, or NULL */
    char *trust_anchor_arn; /* roles-anywhere */
    char *profile_arn;      /* roles-anywhere */
    struct texts command;   /* process: the program's absolute path, and its arguments */
    struct position at;
};

struct account_by_id {
    const char *id;
    const struct account *account;
};

/* Roles that share what `key` says of them, in the order of the policy. */
struct roles_alike {
    const char *key;
    const struct role **items;
    size_t count;
};

/* Places of rules in the policy, in their order. */
struct places {
    size_t *items;
    size_t count;
};

/* The grants and the denies that a name stands in, or a group. */
struct named_rules {
    const char *name;
    struct places grants;
    struct places denies;
};

/* One file that the policy was read from, byte for byte: for its hash and for keeping it. */
struct policy_file {
    char *path;
    char *bytes; /* a NUL follows them */
    size_t length;
    struct file_stamp stamp; /* of what was read, before it was; all zero of bytes in memory */
};

struct policy {
    /* [xacct] */
    char *region;       /* of sessions, and of the STS that is asked, where no key names another */
    char *sts_endpoint; /* URL in place of the regional endpoint, or NULL; then neither of */
    bool fips;          /* AWS's endpoints that are validated by FIPS 140, and */
    bool dual_stack;    /* those that have IPv6 as well */
    char *proxy;        /* http:// or https:// URL of the proxy to AWS, or NULL; it may hold a
                           password, so it is shown without its user part */
    char *ca_bundle;    /* absolute path of a PEM file to trust in place of the system's, or NULL */
    char *console_endpoint; /* URL in place of the partition's federation endpoint, or NULL */
    char *audit;            /* absolute path of the audit file */
    bool audit_file_alone;  /* no copy of its lines goes to syslog */
    char *sessions;         /* absolute path of the folder of session records */
    char *state;            /* absolute path of the folder of what outlives a reboot */
    int timeout_ms;         /* 0 when not set: the module's option alone counts */
    int session_max;   /* seconds after which a session ends, however long it stays connected; 0
                          when not set: none */
    uid_t minimum_uid; /* below it nobody gets a role */
    enum identity_source identity[IDENTITY_SOURCES]; /* in the order in which they are tried */
    size_t identity_count;                           /* one at least */
    struct base *bases;                              /* in the order of the files */
    size_t base_count;
    const struct base *base; /* [base], the one of roles that name no other */

    struct ca *cas;
    size_t ca_count;

    struct account *accounts;
    size_t account_count;
    struct role *roles;
    size_t role_count;
    struct unix_group **unix_groups; /* of accounts and roles, each once */
    size_t unix_group_count;
    struct grant *grants; /* in the order of the files: the first that applies gives the default */
    size_t grant_count;
    struct pattern *patterns; /* in the byte order of their names: where two derive one role, the
                                 first gives it its settings, whatever file it stands in */
    size_t pattern_count;
    struct deny *denies;
    size_t deny_count;

    int longest_detach; /* seconds, of all grants and patterns; 0 when none has it */
    bool asks_from;     /* a grant or pattern has `from` */

    /* Files of time zones, each once, as zone.h takes them. */
    struct texts zones;

    struct texts groups;     /* every distinct group that a rule names; those of denies first */
    size_t deny_group_count; /* how many of them a [deny] names */

    struct policy_file *files; /* the configuration first, then conf.d and session policies */
    size_t file_count;
    char *fragments; /* path of the folder conf.d beside the configuration, there or not: a file
                        that comes or goes in it is a change of the policy as well */
    struct file_stamp fragments_stamp; /* before it was listed; without one, all zero */

    struct role_settings defaults; /* what [xacct] says for all roles, filled up */

    struct index roles_by_name; /* of struct role */
    struct index accounts_by_name;
    struct index accounts_by_id; /* of struct account_by_id */
    struct index roles_by_arn;   /* of struct roles_alike; this and what follows serve patterns, */
    struct index roles_by_spelling; /* and are empty without any: policy/spelling.h */
    const struct role *
        *templated_roles; /* those whose names, without their paths, hold templates */
    size_t templated_role_count;
    struct index rules_by_name; /* of struct named_rules: the users and principals of rules; this
                                   and what follows serve policy/candidates.h */
    struct named_rules *rules_by_group;   /* one for each of `groups`; their `name` is NULL */
    struct named_rules rules_with_groups; /* those that name any group; its `name` is NULL */
    struct arena memory;                  /* where all of the above lies */
};

/* The role or account with this name, or NULL. */
const struct role *policy_find_role(const struct policy *policy, const char *name);
const struct account *policy_find_account(const struct policy *policy, const char *name);

/* The account with this id, or NULL. */
const struct account *policy_find_account_by_id(const struct policy *policy, const char *id);

/* The [base NAME] with this name, or NULL; "" is that of [base]. */
const struct base *policy_find_base(const struct policy *policy, const char *name);

/* The [ca] with this public key, in the form of struct ca, or NULL. */
const struct ca *policy_find_ca(const struct policy *policy, const unsigned char *key,
                                size_t length);

/* Whether certificates of this [ca] may give a human this name, which is compared byte for byte. */
bool policy_ca_may_name(const struct ca *ca, const char *name);

/* Whether those of some [ca] may. */
bool policy_may_certify(const struct policy *policy, const char *name);

/* Whether the grant is for the host of this name, as its `hosts` say. */
bool grant_is_for_host(const struct grant *grant, const char *host);

/* Whether the grant or pattern has ended by then. */
bool grant_has_ended(const struct grant *grant, time_t at);

/*
 * Whether this source may name the human: the first that knows a name has the say, and the Unix
 * user has one always.
 */
bool policy_asks(const struct policy *policy, enum identity_source source);

/* Whether roles are for users of this uid: not for root, nor for one below minimum_uid. */
bool policy_is_managed(const struct policy *policy, uid_t uid);

/* Frees a policy and all that it owns. NULL is left alone. */
void policy_free(struct policy *policy);

#endif
