/*
 * Whether a rule is about a login. Inside policy/ only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_MATCH_H
#define XACCT_POLICY_MATCH_H

#include <stdbool.h>

#include "policy/decide.h"

/* Whether a rule names a login, and by what. */
struct match {
    enum answer answer;
    /* What the answer is owed to: the key, and the name under it, when it is YES; what is not
       known, when it is UNKNOWN and a group is: "groups" and the first such; else NULL. */
    const char *key;
    const char *name;
    bool open; /* UNKNOWN, and a certificate that is not known yet could make it YES */
};

/*
 * Whether a grant names the login. Names under `users` are those that NSS gives: the Unix user's,
 * and the human's unless it comes from a certificate; that is looked for under `principals`.
 */
struct match match_grant(const struct policy *policy, const struct grant *grant,
                         const struct login *login);

/*
 * Whether more names of the login may still show, as of its certificate or of who is behind it:
 * then a rule may be about it that has none of those that are known.
 */
bool match_is_open(const struct policy *policy, const struct login *login);

#define LOGIN_NAMES 6

/*
 * The names of a login that denies are about, but for the principals of its certificate: fills in
 * all of `names`, with NULL where it has none of that kind.
 */
void match_names(const struct login *login, const char *names[LOGIN_NAMES]);

/*
 * Whether a deny does. It is about any name of the login, under whichever key it stands: also what
 * was typed and NSS made another name of, all that its certificate says, the Unix user behind it,
 * and whom su or sudo names as who asks; and about any group of these three. A grant must not be
 * had by an alias, and a deny must not be escaped by one.
 */
struct match match_deny(const struct policy *policy, const struct deny *deny,
                        const struct login *login);

#endif
