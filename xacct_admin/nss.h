/*
 * Users and groups through NSS, as the helper sees them, so without libnss_xacct, and within a
 * time: it is asked in a child that is killed when the time is over. What was not answered until
 * then is told apart from what there is not.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_NSS_H
#define XACCT_XACCT_ADMIN_NSS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "common/deadline.h"
#include "policy/arena.h"
#include "policy/decide.h"

#define NSS_MS 5000 /* for everything that one command asks */

enum nss_outcome { NSS_UNANSWERED, NSS_UNKNOWN, NSS_KNOWN };

/* A name to look up, and what NSS said. */
struct nss_name {
    const char *name; /* of a group: or NULL, and it is looked up by `id` */
    bool is_group;
    enum nss_outcome outcome;
    const char *known_as; /* the name that NSS returned, where NSS_KNOWN */
    unsigned id;          /* uid or gid, likewise */
};

/*
 * Looks up `count` names, those first in the list first. Texts of the answers lie in `memory`.
 * Returns 0, or an errno when nothing could be asked; the names are unanswered then.
 */
int nss_find(struct nss_name *names, size_t count, struct deadline deadline, struct arena *memory);

/* A user, and what groups they are in. */
struct nss_login {
    enum nss_outcome outcome;
    const char *name; /* as NSS returned it, where NSS_KNOWN */
    uid_t uid;
    enum answer *in_group;  /* one for each of the policy's groups; UNKNOWN where unanswered */
    struct texts names;     /* of all groups of the user, for patterns */
    bool names_are_whole;   /* all of them were answered */
    int error;              /* the errno of a source that left some out, or 0 */
    const char *unanswered; /* a group of the policy that was not, or NULL */
};

/* A user, by a name that NSS knows. */
struct nss_user {
    const char *name;
    bool by_uid; /* of several users with one uid the one whom NSS returns for that, as whom a login
                    uid is taken */
};

/*
 * Looks up a user and their groups. A group of the policy counts where its name, its gid and the
 * name of that agree. Sources: getgrnam_r(3), getgrouplist(3), which leaves an errno where a source
 * was down and it succeeded all the same. Returns as nss_find.
 */
int nss_find_login(const struct policy *policy, struct nss_user user, struct deadline deadline,
                   struct arena *memory, struct nss_login *login);

#endif
