/*
 * The decision: which roles a login may use, which one it starts with, and because of which lines.
 * No clock, no look-up, and no input or output but the files of the time zones that the policy
 * names: everything else that it depends on is an argument.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_POLICY_DECIDE_H
#define XACCT_POLICY_DECIDE_H

#include <stdbool.h>
#include <stddef.h>
#include <time.h>

#include "common/status.h"
#include "policy/policy.h"

/* What a look-up said. UNKNOWN is unmet in a grant and met in a deny. */
enum answer { ANSWER_NO, ANSWER_YES, ANSWER_UNKNOWN };

/* Who logs in, and how. Texts stay the caller's. */
struct login {
    const char *user;            /* the Unix user's name as NSS returns it */
    const char *human;           /* the identity; the user's name until something better is known */
    const char *typed;           /* the name that was logged in with, or NULL: for denies alone */
    const char *service;         /* PAM service */
    const enum answer *in_group; /* one for each of policy->groups, or NULL: all unknown */
    time_t now;                  /* the instant that is decided for */
    bool ended;                  /* the session that asks has ended: only `detach` keeps a grant */
    time_t ended_for;            /* seconds since then; looked at where `ended` is set */
};

/* Why a grant that names the login does not apply at the moment. */
enum unmet {
    UNMET_NONE,
    UNMET_ENDED,   /* its `until` is over */
    UNMET_NOT_YET, /* its `since` is to come */
    UNMET_HOURS,   /* it is outside its `hours` */
    UNMET_DETACHED /* the session has ended, and the grant's `detach` is over, or it has none */
};

/* A role that the login may use, and the first grant that gives it. Both belong to the policy. */
struct permitted_role {
    const struct role *role;
    const struct grant *grant;
    time_t ends; /* until then some grant that applies now goes on to give the role, as time alone
                    is told: the first second at which none does; 0: no end in sight */
    int detach;  /* seconds: the longest `detach` among the grants that apply and give it */
};

struct decision {
    enum status status;           /* PERMITTED, NO_GRANT, DENIED or UNAVAILABLE */
    struct permitted_role *roles; /* in the order of the grants; empty unless PERMITTED */
    size_t role_count;
    const struct role
        *login_role;             /* what the login starts with; NULL: nothing until one is chosen */
    const struct grant *because; /* the grant that gave login_role its place, or the first that
                                    applies; NULL when none does */
    const struct deny
        *denied_by; /* the deny that decided, when DENIED or UNAVAILABLE because of it */
    const char *unreadable_zone;  /* the file of a time zone that the hours of a grant need and that
                                     cannot be read, when UNAVAILABLE because of it */
    const char *unanswered_group; /* a group whose look-up would have mattered, when UNAVAILABLE */
    enum unmet unmet; /* when DENIED as no grant applies although some name the login; ENDED only
                         where all of these have ended. NONE in all other cases. */
    const struct grant *unmet_grant; /* the first of these, or of these that have not ended */
};

/*
 * Decides, as conf/xacct.conf and the README say: a grant applies when one of its names is the
 * login's and its conditions hold (service, since, until, hours and, when the session has ended,
 * detach); permitted is the union of what applies less what every deny that matches any name of the
 * login takes away. UNAVAILABLE when an unanswered look-up could take a role away that is otherwise
 * permitted, could give one where none stands, or could turn "no grant" into "denied", which also a
 * grant does that names the login and does not hold now; or when none stands and a time zone cannot
 * be read in which one might. Where the outcome is DENIED whatever is answered, it is DENIED.
 * `chosen` is the name of the role that the human wants to start with, or NULL; one that is not
 * permitted counts as none. Returns 0, or ENOMEM, which leaves the status UNAVAILABLE. The caller
 * frees with decision_free.
 */
int decide(const struct policy *policy, const struct login *login, const char *chosen,
           struct decision *decision);

void decision_free(struct decision *decision);

/*
 * Which groups' answers could change what decide() says for this login, whose in_group is not
 * looked at: sets matters[i] for each of policy->groups (policy->groups.count of them). A login
 * that no group rule can affect so needs no directory. "What it says" is status, roles and login
 * role, not until when, nor which grant does not hold; a group is also said to matter where that
 * cannot be told. Returns how many matter.
 */
size_t decide_groups_that_matter(const struct policy *policy, const struct login *login,
                                 bool *matters);

#endif
