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

enum tristate { UNSET = -1, NO = 0, YES = 1 };

/* How a session gets its credentials: as keys in its environment, or by a process that SDKs run. */
enum delivery { DELIVER_UNSET, DELIVER_ENV, DELIVER_PROCESS };

/* Seconds, where no duration is asked for: STS API reference, AssumeRole. */
#define DURATION_DEFAULT 3600

/* What a request to AssumeRole is made of; every key of it may stand in [role] or [account]. */
struct role_settings {
    char *description;    /* NULL when not set, as all texts here */
    char *external_id;    /* 2 to 1224 of STS's characters */
    char *region;         /* AWS_REGION of the session */
    char *session_name;   /* template; NULL means %{human} */
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
};

struct account {
    char *name; /* of [account NAME] */
    char *id;   /* twelve digits */
    struct role_settings settings;
    struct position at;
};

struct role {
    char *name; /* of [role NAME]; what a user types */
    const struct account *account;
    char *arn; /* arn:PARTITION:iam::ID:role/PATH/NAME, a template where it has %{ */
    /*
     * Its own, filled up from the account's, then [xacct]'s: here `region` is always set,
     * `source_identity` is YES or NO, and `deliver` is ENV or PROCESS.
     */
    struct role_settings settings;
    struct position at;
};

/* Who a rule is about: any name that matches makes it apply. */
struct subjects {
    struct texts users;
    size_t *groups; /* indices into policy.groups */
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

struct grant {
    char *name;
    struct subjects who;
    struct texts services; /* empty means sshd alone */
    struct moment since;   /* the first second at which it holds */
    struct moment until;   /* the first second at which it holds no more */
    struct hours hours;
    int detach;                /* seconds for which it holds on after the session's end; 0: none */
    const struct role **roles; /* in the order written */
    size_t role_count;
    const struct role *default_role; /* NULL, or one of roles */
    struct position at;
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

enum base_source { BASE_FILE };

struct base {
    enum base_source source;
    char *file;    /* absolute path of an AWS shared-credentials file */
    char *profile; /* section in it; "default" unless set */
    struct position at;
};

/* One file that the policy was read from, byte for byte: for its hash and for keeping it. */
struct policy_file {
    char *path;
    char *bytes; /* a NUL follows them */
    size_t length;
};

struct policy {
    /* [xacct] */
    char *region;       /* whose STS is asked, and the sessions' unless their role says otherwise */
    char *sts_endpoint; /* URL in place of the regional endpoint, or NULL */
    char *ca_bundle;    /* absolute path of a PEM file to trust in place of the system's, or NULL */
    char *console_endpoint; /* URL in place of the partition's federation endpoint, or NULL */
    char *audit;            /* absolute path of the audit file */
    char *sessions;         /* absolute path of the folder of session records */
    char *state;            /* absolute path of the folder of what outlives a reboot */
    int timeout_ms;         /* 0 when not set: the module's option alone counts */
    int session_max;   /* seconds after which a session ends, however long it stays connected; 0
                          when not set: none */
    uid_t minimum_uid; /* below it nobody gets a role */
    struct base base;

    struct account *accounts;
    size_t account_count;
    struct role *roles;
    size_t role_count;
    struct grant *grants; /* in the order of the files: the first that applies gives the default */
    size_t grant_count;
    struct deny *denies;
    size_t deny_count;

    int longest_detach; /* seconds, of all grants; 0 when none has it */

    /* Files of time zones, each once, as zone.h takes them. */
    struct texts zones;

    struct texts groups;     /* every distinct group that a rule names; those of denies first */
    size_t deny_group_count; /* how many of them a [deny] names */

    struct policy_file *files;
    size_t file_count;

    struct index roles_by_name; /* of struct role */
    struct index accounts_by_name;
    struct arena memory; /* where all of the above lies */
};

/* The role or account with this name, or NULL. */
const struct role *policy_find_role(const struct policy *policy, const char *name);
const struct account *policy_find_account(const struct policy *policy, const char *name);

/* Frees a policy and all that it owns. NULL is left alone. */
void policy_free(struct policy *policy);

#endif
