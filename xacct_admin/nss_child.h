/*
 * What is asked of NSS, in a process that may hang. Between nss.c, nss_people.c and their children
 * only.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_NSS_CHILD_H
#define XACCT_XACCT_ADMIN_NSS_CHILD_H

#include "xacct_admin/nss.h"

struct nss_questions {
    const struct nss_name *names; /* to look up, `count` of them */
    size_t count;
    const struct policy *policy; /* where `user` is not NULL: a user and their groups */
    const char *user;
    bool by_uid; /* then: rather whoever NSS returns for their uid */
};

/* What a record is about. */
enum nss_said {
    NSS_SAID_NAME,   /* names[index] */
    NSS_SAID_USER,   /* the user */
    NSS_SAID_MEMBER, /* whether they are in policy->groups[index] */
    NSS_SAID_GROUP,  /* the name of a group that they are in */
    NSS_SAID_ALL,    /* the groups were all named */
    NSS_SAID_ERROR,  /* why they were not: `id` is an errno */
    NSS_SAID_MEMBERS /* of each group that was not named NSS_SAID_MEMBER the user is none */
};

/* One answer; `length` bytes of a name follow it. */
struct nss_record {
    enum nss_said kind;
    enum nss_outcome outcome;
    enum answer answer;
    unsigned index, id, length;
};

/* Asks, and writes a record for each answer to `fd`. */
void nss_child_run(const void *questions, int fd);

/* Writes the record and the name behind it, which may be NULL, in one piece; ends the child where
 * nobody reads any more. */
void nss_say(int fd, struct nss_record record, const char *name);

struct nss_room;
struct nss_memberships;

/* Says what the groups of the user are called, all of them or as far as can be told. */
void nss_say_groups(struct nss_room *room, const struct nss_memberships *memberships, int fd);

/* What a child has said. */
struct nss_answers {
    unsigned char *bytes; /* the caller's to free */
    size_t length, capacity, taken;
};

/*
 * Has a child run `asking` with the questions. Returns 0 with what it said until the deadline, all
 * or a part; or an errno.
 */
int nss_ask(void (*asking)(const void *questions, int fd), const void *questions,
            struct deadline deadline, struct nss_answers *answers);

/* The next whole record, and the name behind it in `memory`, or false. */
bool nss_next(struct nss_answers *answers, struct nss_record *record, struct arena *memory,
              const char **name);

#endif
