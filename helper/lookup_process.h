/*
 * The look-up process from inside: it answers questions about users and groups until its socket
 * closes. Both ends are this program, so a question and its reply are plain structs, one a packet.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_LOOKUP_PROCESS_H
#define XACCT_HELPER_LOOKUP_PROCESS_H

#include <stdbool.h>
#include <sys/types.h>

#include "helper/lookup.h"

enum lookup_kind {
    LOOKUP_USER,   /* who is `name`? */
    LOOKUP_UID,    /* who is `uid`? */
    LOOKUP_MEMBER, /* is `user`, whose primary group is `gid`, in the group `name`? */
    LOOKUP_NAMES,  /* what are the groups of `user`, whose primary group is `gid`, called? */
    LOOKUP_GID     /* is `gid` that of the group `name`? */
};

struct lookup_question {
    enum lookup_kind kind;
    unsigned request; /* another number: another request, for which nothing is remembered */
    uid_t uid;
    gid_t gid;
    int from; /* of the names: the first group that has not been told yet; 0 at first */
    char name[LOOKUP_NAME_MAX + 1];
    char user[LOOKUP_NAME_MAX + 1];
};

/* An error beside errno's: a name, its id and that id's name do not agree. */
#define LOOKUP_DISAGREES (-1)

struct lookup_reply {
    unsigned took_us; /* microseconds from the question to the answer; first in both replies */
    int error;        /* 0 when answered; an errno or LOOKUP_DISAGREES when not */
    bool found;       /* the user exists; the user is in the group */
    bool no_such_group;
    uid_t uid; /* of a user */
    gid_t gid;
    char name[LOOKUP_NAME_MAX + 1];
};

/* Some names of groups, of those that have one; there may be several such replies to one user's. */
struct lookup_names {
    unsigned took_us;
    int error; /* as in a reply; then the rest says nothing */
    int next;  /* `from` of the next question; 0 when all have been told */
    size_t length;
    char names[32 * 1024]; /* `length` bytes, of each group GID:NAME and a NUL */
};

/* Answers questions from `socket` until it closes (for child.h, which hands on NULL). */
void lookup_process_run(int socket, const void *nothing);

#endif
