/*
 * xacct who: who can reach what, by which rule. Between who*.c only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_WHO_H
#define XACCT_XACCT_ADMIN_WHO_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "policy/ways.h"
#include "xacct/command.h"
#include "xacct/text.h"
#include "xacct_admin/last_used.h"
#include "xacct_admin/reading.h"

/* What is asked about: an account, a role, or neither, which is everything. */
struct who_target {
    const struct account *account;
    const char *role; /* its name */
    const char *arn;  /* or its ARN, as the policy has it */
};

/*
 * Finds out what ACCOUNT|ROLE is: a name of the policy, twelve digits, or an ARN; NULL is
 * everything. Returns false after a complaint where it is none or more than one.
 */
bool who_target_find(const struct policy *policy, const char *word, struct who_target *target);

/* Whether a role is what is asked about. */
bool who_target_holds(const struct who_target *target, const struct role *role);

/* Who reaches something, as its `kind` is called. */
enum who_kind { WHO_USER, WHO_PRINCIPAL, WHO_GROUP };

/* That somebody reaches a role by a rule. Texts are the policy's or lie in the memory of all. */
struct who_row {
    enum who_kind kind;
    const char *name; /* of a group: whose members are not known */
    const char *role;
    const char *arn; /* as the policy has it, templates and all */
    const struct account *account;
    const struct grant *rule;
    const char *key; /* what the rule names them by, and the name under it; NULL: not known */
    const char *by;
    enum reach reach;
    const struct deny *denied_by;
    time_t used; /* when they were last handed credentials of the role; 0: not, as far as known */
};

/* The answer on its way. All zero at first, but for what the command line says. */
struct who {
    const struct reading *reading;
    struct who_target target;
    time_t at;          /* the moment that is asked about */
    bool denied;        /* what is denied is told as well */
    bool unused;        /* told is only what was not used */
    int64_t unused_for; /* for so many seconds */
    struct last_used last_used;
    struct who_row *rows;
    size_t count;
    struct texts notes; /* what an admin should know of the answer */
    struct arena memory;
};

/* Adds a note; the arguments are printf's. */
__attribute__((format(printf, 2, 3))) void who_note(struct who *who, const char *format, ...);

/*
 * Finds the rows of all whom grants and patterns give something, in no order. Returns false after a
 * complaint.
 */
bool who_find(struct who *who);

/* Append the answer: a table for people, RFC 4180 for spreadsheets, and for programs. */
void who_add_table(const struct who *who, struct text *text);
void who_add_csv(const struct who *who, struct text *text);
void who_add_json(const struct who *who, struct text *text);

#endif
