/*
 * %{...} in role names, session names, session policies and tags.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_TEMPLATE_H
#define XACCT_POLICY_TEMPLATE_H

#include <stddef.h>

enum template_name {
    TEMPLATE_USER,         /* %{user}: the Unix name */
    TEMPLATE_HUMAN,        /* %{human}: the identity */
    TEMPLATE_SESSION_NAME, /* %{session_name}: as sent to AWS */
    TEMPLATE_ACCOUNT,      /* %{account}: the account's name in the policy */
    TEMPLATE_ROLE,         /* %{role}: the role's name in the policy */
    TEMPLATE_HOST,         /* %{host}: this host's name */
    TEMPLATE_SERVICE,      /* %{service}: the PAM service */
    TEMPLATE_COUNT
};

/* One text for each name; NULL is one that is not known here, and refuses whatever uses it. */
struct template_values {
    const char *of[TEMPLATE_COUNT];
};

/*
 * The first `%{` in `text`, or NULL. Sets *name and, past its `}`, *after; to TEMPLATE_COUNT and
 * NULL when what begins there is no template. For whoever must know what is template and what is
 * not.
 */
const char *template_find(const char *text, enum template_name *name, const char **after);

/*
 * Copies `text` with every template as the single byte `mask`; what begins none stays, with all
 * behind it. `masked` has room for strlen(text) + 1 bytes.
 */
void template_mask(const char *text, char mask, char *masked);

/* The same with the letter "x": what stands around them, for checks of characters and length. */
void template_outline(const char *text, char *outline);

/*
 * Checks the text alone: every `%{` must begin one of the names above and be closed. Returns 0, or
 * EINVAL with a sentence in `why`.
 */
int template_check(const char *text, char *why, size_t why_size);

/*
 * Replaces every %{NAME} in `text`. Returns 0 and sets *expanded, which the caller frees; EINVAL,
 * with a sentence in `why`, when a value that is used is not known, or holds a byte outside
 * [A-Za-z0-9_+=,.@-] (escaping for JSON would not disarm *, ? and ${ in a policy), or when the text
 * fails template_check; ENOMEM.
 */
int template_expand(const char *text, const struct template_values *values, char **expanded,
                    char *why, size_t why_size);

#endif
