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

/*
 * The SSH certificate that a login was made with, once it has been checked: of a [ca] of the
 * policy, valid, and with a name that this CA may use. Texts stay the caller's.
 */
struct certificate {
    const struct ca *ca;
    const char *key_id;      /* or NULL */
    struct texts principals; /* all of them: a deny may name any */
    time_t ends;             /* the first second at which it is valid no more; 0: never */
};

/* Who logs in, and how. Texts stay the caller's. */
struct login {
    const char *user;    /* the Unix user's name as NSS returns it */
    const char *human;   /* the identity; with a certificate, the name that this gives. The user's
                            name where nothing better is known */
    const char *typed;   /* the name that was logged in with, or NULL: for denies alone */
    const char *opener;  /* the Unix user who is behind it, as the login uid says, where that is
                            another; or NULL: for denies alone */
    const char *ruser;   /* whom the service names as who asks, as PAM_RUSER has it; or NULL. It is
                            believed of su and sudo, for denies alone */
    bool opener_unknown; /* who is behind it is not known: `opener` and `ruser` are NULL, and, where
                            the policy takes identities from login uids, `human` is the user's name
                            though it need not be theirs */
    const char *service; /* PAM service */
    const char *host;    /* this host's name; NULL: unknown */
    const char *address; /* where the login comes from, as PAM_RHOST has it. A name is never
                            resolved, and like "" it is in no prefix; NULL: unknown */
    bool address_is_own; /* it is one of this host's own: in no prefix but that of it alone. One of
                            the loopback interface counts so in any case */
    const struct texts *auth; /* the methods that authenticated it, as SSH_AUTH_INFO_0 names them
                                 ("publickey", "keyboard-interactive/pam"), without what follows
                                 them; empty: none; NULL: unknown yet */
    const struct certificate *certificate; /* NULL: none */
    bool certificate_unknown;    /* whether there is one shows only later, as in PAM's account
                                    phase; `certificate` is NULL then */
    const enum answer *in_group; /* one for each of policy->groups, or NULL: all unknown */
    const enum answer *opener_in_group; /* the same of who is behind it, as the login uid says,
                                           where that is another user: for denies alone; or NULL */
    const enum answer *caller_in_group; /* the same of whom `ruser` names, where it is believed */
    const struct texts *group_names; /* of all groups that the user is in, for patterns; NULL: none
                                        was looked up, as decide_needs_group_names said */
    bool groups_unknown;             /* it was, and not answered; group_names is NULL then */
    time_t now;                      /* the instant that is decided for */
    bool of_user; /* not a login, but what may be said of the user at any time: services and from
                     are left aside, as if they were met */
    bool ended;   /* the session that asks has ended: only `detach` keeps a grant */
    time_t ended_for; /* seconds since then; looked at where `ended` is set */
};

/* Why a grant that names the login does not apply at the moment. */
enum unmet {
    UNMET_NONE,
    UNMET_HOST,      /* the host is not among its `hosts` */
    UNMET_FROM,      /* the address is not in its `from` */
    UNMET_FROM_HERE, /* the same, as the address is this host's own */
    UNMET_AUTH,      /* no method that was used is among its `auth` */
    UNMET_ENDED,     /* its `until` is over */
    UNMET_NOT_YET,   /* its `since` is to come */
    UNMET_HOURS,     /* it is outside its `hours` */
    UNMET_DETACHED,  /* the session has ended, and the grant's `detach` is over, or it has none */
};

/*
 * A role that the login may use, and the first grant or pattern that gives it. Both belong to the
 * policy, but a role that a pattern derived, which belongs to the decision.
 */
struct permitted_role {
    const struct role *role;
    const struct grant *grant;
    const char *group; /* of login.group_names: the one that the pattern derived it from; or NULL */
    time_t ends; /* until then some grant that applies now goes on to give the role, as time alone
                    is told: the first second at which none does, nor later than the certificate's
                    end; 0: no end in sight */
    int detach;  /* seconds: the longest `detach` among the grants that apply and give it */
};

struct decision {
    enum status status;           /* PERMITTED, NO_GRANT, DENIED or UNAVAILABLE */
    struct permitted_role *roles; /* in the order of the grants, then of the patterns; empty unless
                                     PERMITTED */
    size_t role_count;
    const struct role
        *login_role;             /* what the login starts with; NULL: nothing until one is chosen */
    const struct grant *because; /* the grant that gave login_role its place, or the first that
                                    applies; NULL when none does */
    const struct deny
        *denied_by; /* the deny that decided, when DENIED or UNAVAILABLE because of it */
    const char *unreadable_zone;  /* the file of a time zone that the hours of a grant need and that
                                     cannot be read, when UNAVAILABLE because of it */
    const char *unanswered_group; /* a group whose look-up would have mattered, when UNAVAILABLE; ""
                                     when it is the list of all groups, for a pattern */
    bool undecided; /* when UNAVAILABLE: not for a look-up, but because it is not known yet how the
                       login was authenticated, by which certificate, or from where. The same
                       question with these known has an answer. */
    bool certificate_ended; /* when DENIED because the login's certificate is valid no more */
    enum unmet unmet; /* when DENIED or NO_GRANT as no grant applies although some name the login:
                         DENIED where the time is against one of these (ENDED only where it has
                         ended for all whose services, hosts, from and auth are met), NO_GRANT where
                         another condition is against them all. NONE in all other cases. */
    const struct grant *unmet_grant; /* the first of these, or of these that have not ended */
    struct arena memory;             /* of derived roles */
};

/*
 * Decides, as conf/xacct.conf and the README say: a grant applies when one of its names is the
 * login's and its conditions hold, those of place and method (services, hosts, from, auth) and
 * those of time (since, until, hours and, when the session has ended, detach); a pattern when it
 * takes a role from one of the login's groups and its conditions hold. Permitted is the union of
 * what applies less what every deny that matches any name of the login takes away; a deny of one of
 * the policy's roles is also one of a derived role that may be the same in AWS.
 *
 * UNAVAILABLE when something that is not known could take a role away that is otherwise permitted,
 * could give one where none stands, or could turn "no grant" into "denied", which also a rule does
 * that is for the login and does not hold now; or when none stands and a time zone cannot be read
 * in which one might. `undecided` tells what only the session will show from look-ups that were not
 * answered. Where the outcome is DENIED whatever is answered, it is DENIED.
 *
 * `chosen` is the name of the role that the human wants to start with, or NULL; one that is not
 * permitted counts as none. Returns 0, or ENOMEM, which leaves the status UNAVAILABLE. The caller
 * frees with decision_free. The decision points into the policy and into the login's texts.
 */
int decide(const struct policy *policy, const struct login *login, const char *chosen,
           struct decision *decision);

void decision_free(struct decision *decision);

/* The permitted role with this name, derived or not; NULL when there is none. */
const struct permitted_role *decision_find_role(const struct decision *decision, const char *name);

/* Whether the role is permitted for less than SHORTEST_LIFE from `now` on: AWS issues nothing for
 * it any more. */
bool permitted_role_is_ending(const struct permitted_role *permitted, time_t now);

/*
 * What a session starts with that opens at `now`: the decision's login_role, but nothing where that
 * is ending and another role is not. NULL: nothing, until one is chosen. Where all are ending it is
 * login_role nevertheless, of which the session is told that nothing is issued.
 */
const struct permitted_role *decision_start_role(const struct decision *decision, time_t now);

/*
 * Which groups' answers could change what decide() says for this login, whose in_group is not
 * looked at: sets matters[i] for each of policy->groups (policy->groups.count of them). A login
 * that no group rule can affect so needs no directory. "What it says" is status, roles and login
 * role, not until when, nor which grant does not hold; a group is also said to matter where that
 * cannot be told. Returns how many matter.
 */
size_t decide_groups_that_matter(const struct policy *policy, const struct login *login,
                                 bool *matters);

/*
 * Whether the names of all groups of the user could change what decide() says for this login, whose
 * group_names and groups_unknown are not looked at: whether some [pattern] holds for it.
 */
bool decide_needs_group_names(const struct policy *policy, const struct login *login);

/*
 * Which of the policy's Unix groups the user is in whom `login` describes: those of each role that
 * is theirs, and of the account of each such role. Unlike decide() it gives what is sure and leaves
 * out the rest: what is not known is unmet in a grant and met in a deny, and no other role suffers
 * from it. Sets member[i] for each of policy->unix_groups (policy->unix_group_count of them).
 * Returns 0, or ENOMEM, and nobody is in any.
 */
int decide_unix_groups(const struct policy *policy, const struct login *login, bool *member);

/*
 * Whether PAM_RUSER of this service is whoever called it, as the kernel says to it: su and sudo.
 * Other services hand on what a client said.
 */
bool match_names_caller(const char *service);

#endif
