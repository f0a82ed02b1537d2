/*
 * What is asked of NSS, in a process that may hang. Between nss.c and nss_child.c only.
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
    NSS_SAID_ERROR   /* why they were not: `id` is an errno */
};

/* One answer; `length` bytes of a name follow it. */
struct nss_record {
    enum nss_said kind;
    enum nss_outcome outcome;
    enum answer answer;
    unsigned index, id, length;
};

/* Asks, and writes a record for each answer to `fd`. */
void nss_child_run(const struct nss_questions *questions, int fd);

#endif
