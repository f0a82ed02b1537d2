/*
 * Whom groups have as members, and the groups of many people at once, through NSS as nss.h asks it.
 * What was not answered in time is told apart from what there is not.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_NSS_PEOPLE_H
#define XACCT_XACCT_ADMIN_NSS_PEOPLE_H

#include "xacct_admin/nss.h"

#define NSS_PEOPLE_MS 30000 /* for all groups of a policy, and for all people */

/* A group that gives roles, and whom NSS lists as its members. */
struct nss_group {
    const char *name;
    enum nss_outcome outcome; /* UNKNOWN: there is none; UNANSWERED also where its name, its gid and
                                 the name of that do not agree */
    struct texts members;     /* as the group lists them, and whose primary group it is; a directory
                                 need not tell either: sssd.conf(5), enumerate and
                                 ignore_group_members */
};

struct nss_groups {
    struct nss_group *items;
    size_t count;
};

/*
 * Looks up the groups that grants name, and those that patterns take roles from: of these what NSS
 * lists, and what the names of the policy's roles make. Texts lie in `memory`. Returns 0, or an
 * errno when nothing could be asked. Sources: getgrnam_r(3), getgrent(3), getpwent(3).
 */
int nss_list_groups(const struct policy *policy, struct deadline deadline, struct arena *memory,
                    struct nss_groups *groups);

/* Whether a user is in one of the policy's groups, where that is not NO. */
struct nss_member {
    size_t group; /* its place in the policy */
    enum answer answer;
};

/* A user, and what groups they are in. */
struct nss_person {
    const char *asked; /* the name to look up */
    enum nss_outcome outcome;
    const char *name; /* as NSS returned it, where NSS_KNOWN */
    uid_t uid;
    struct nss_member *members;
    size_t member_count;
    bool is_whole;        /* of all other groups the answer is NO; else UNKNOWN */
    struct texts names;   /* of all groups of the user, where the policy has patterns */
    bool names_are_whole; /* all of them were answered */
};

/*
 * Looks up `count` people, whose `asked` is set, and their groups as nss_find_login does of one.
 * Texts lie in `memory`. Returns 0, or an errno when nothing could be asked.
 */
int nss_find_people(const struct policy *policy, struct nss_person *people, size_t count,
                    struct deadline deadline, struct arena *memory);

/* Fills in_group, one for each of policy->groups, as struct login wants it. */
void nss_person_groups(const struct policy *policy, const struct nss_person *person,
                       enum answer *in_group);

#endif
