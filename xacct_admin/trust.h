/*
 * xacct trust: what the owners of the accounts must apply for a policy's roles to be assumed, made
 * from the policy itself.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_TRUST_H
#define XACCT_XACCT_ADMIN_TRUST_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "policy/arena.h"
#include "xacct/command.h"
#include "xacct/text.h"
#include "xacct_admin/reading.h"

/* Of paths and names in IAM: API reference, CreateRole; but for paths no more than this of what is
 * visible. */
#define TRUST_ARN_BYTES "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+=,.@-/:"

/* One run of the command. */
struct trust_run {
    const struct invocation *invocation;
    struct reading reading;
    time_t now;          /* a grant that has ended gives nothing */
    struct arena memory; /* of all texts, and of roles that patterns derive */
    struct texts notes;  /* what whoever applies it has to know; names in them are escaped */
    bool failed;         /* a document could not be made, as there was no memory */
};

/* Adds a note, as printf(3) has it. */
__attribute__((format(printf, 2, 3))) void trust_note(struct trust_run *trust, const char *format,
                                                      ...);

/* Adds a text to a list that grows by this alone, unless it is there already. */
void trust_add(struct trust_run *trust, struct texts *list, const char *text);

/* Puts a value into an object. Takes it over; without it, or without memory, marks the failure, and
 * the value is gone: one that is to be filled is put once it is full. */
void trust_put(struct trust_run *trust, json_t *object, const char *key, json_t *value);

/* The text as JSON, or NULL without memory. jansson's own function for it has the name of one in
 * xacct/json_text.h, with which this program is linked. */
json_t *trust_text(const char *text);

/* The list as an array of strings, or as one string where it has one item alone. */
json_t *trust_texts(struct trust_run *trust, const struct texts *list);

/* Appends a document in lines, without the bytes that could move a cursor. */
void trust_dump(struct trust_run *trust, const json_t *value, struct text *text);

/* The text with each template as `*`: what any value makes of it. In trust->memory. */
const char *trust_pattern_of(struct trust_run *trust, const char *text);

/* Complains where a path among those of the role and its base roles has what IAM would expand in a
 * policy, such as `*` and `${`, or what a form would have to quote. Returns whether there is none.
 */
bool trust_check_paths(const struct role *role);

/* Uses of a policy: xacct_admin/trust_uses.c */

/* That a grant, or a pattern, gives a role. */
struct use {
    const struct role *role;
    const struct grant *grant; /* or the `rule` of a pattern */
    const char *arn;           /* the role's; with `*` where templates or a pattern fill it in */
    bool is_derived;           /* it stands for every role that the pattern derives in an account */
};

struct uses {
    struct use *items;
    size_t count;
};

/* Everything that grants and patterns give, but grants that have ended. In trust->memory. */
void trust_uses(struct trust_run *trust, struct uses *uses);

/* The role of this name: one of the policy's, or ACCOUNT/NAME of those that a pattern derives. NULL
 * where there is none. */
const struct role *trust_find_role(struct trust_run *trust, const char *name);

/* Whether the use may have this role assumed: as what it gives, or as a base role on the way. */
bool trust_use_takes(const struct use *use, const struct role *role);

/* Who assumes a role: xacct_admin/trust_principals.c */

struct trusted {
    struct texts arns; /* of users and roles */
    bool is_pattern;   /* some have `*` */
};

/*
 * Finds whom the role's trust policy has to name: its base role; or what --principal says; or else
 * its base and their successors, which the policy or, as root, the helper knows. Returns false
 * after a complaint. Source of the ARNs' forms: IAM User Guide, "IAM identifiers".
 */
bool trust_principals(struct trust_run *trust, const struct role *role, struct trusted *trusted);

/*
 * The role's trust policy, xacct_admin/trust_role.c, or NULL after a complaint. The caller gives it
 * back. Source of the condition keys: IAM User Guide, "AWS global condition context keys" and "IAM
 * and AWS STS condition context keys"; of the three actions: "Pass session tags in AWS STS" and
 * "Monitor and control actions taken with assumed roles".
 */
json_t *trust_role_policy(struct trust_run *trust, const struct role *role);

/* One of the host's identities, or a base role: xacct_admin/trust_base.c */
struct signer {
    const struct base *base; /* or NULL */
    const struct role *role; /* a base role, or NULL */
    struct texts arns;       /* of the roles that it assumes, in the order of the policy */
};

struct signers {
    struct signer *items;
    size_t count;
};

/* Everybody who signs a call of AssumeRole, each with the roles that are in use. Returns false
 * after a complaint. */
bool trust_signers(struct trust_run *trust, struct signers *signers);

/* What the signer's own permission policy has to be. The caller gives it back. */
json_t *trust_signer_policy(struct trust_run *trust, const struct signer *signer);

/* How a document is shown: xacct_admin/trust_forms.c */

struct trust_document {
    const char *name;        /* of what it belongs to, in the policy, for names in the forms */
    const struct role *role; /* whose trust policy it is; NULL: it is a permission policy */
    const json_t *policy;
};

/* One form, of --format. */
struct trust_form;

/* The form of this name, or NULL; that of NULL is json. */
const struct trust_form *trust_form_find(const char *name);

/* Appends a document. Returns false after a complaint, where the form needs a name of the role and
 * this is a template. */
bool trust_form_add(struct trust_run *trust, const struct trust_form *form,
                    const struct trust_document *document, struct text *text);

#endif
