/*
 * Sessions in memory in two orders: by id, and by uid and then the newest first.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_SESSION_TABLE_H
#define XACCT_HELPER_SESSION_TABLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "helper/session_record.h"
#include "helper/task.h"

/* A session that is alive as far as anybody knows. */
struct session {
    struct session_record record;
    struct sessions *sessions;       /* that it is one of */
    pid_t pid;                       /* of the process that opened it, as seen from here */
    struct task_watcher watcher;     /* on its pidfd, which is -1 when there is none */
    const char *gone;                /* why it is to be ended, a constant; or NULL */
    struct session_adopted *adopted; /* owned, or NULL */
};

/* The sessions whose adoption by one has been written down, the oldest being forgotten first: that
 * one is written twice then is no harm. */
#define SESSION_ADOPTED_MOST 8
struct session_adopted {
    char ids[SESSION_ADOPTED_MOST][SESSION_ID_SIZE];
    size_t next;
};

/* Whether it is noted that it adopted what `from` left; and noting it, as far as there is memory.
 */
bool session_has_adopted(const struct session *session, const char *from);
void session_note_adopted(struct session *session, const char *from);

/* All zero at first. The sessions are not the table's. */
struct session_table {
    struct session **by_id;
    struct session **by_uid;
    size_t count;
    size_t room;
};

/* Takes in a session whose id is not there yet. Returns 0 or ENOMEM. */
int session_table_add(struct session_table *table, struct session *session);

/* Takes a session out. */
void session_table_remove(struct session_table *table, const struct session *session);

/* The session of this id, or NULL. */
struct session *session_table_find(const struct session_table *table, const char *id);

/* Where in by_uid the sessions of `uid` begin; they end where another uid or the table does. */
size_t session_table_of_uid(const struct session_table *table, uid_t uid);

/* Gives back the table's memory; it is empty afterwards. */
void session_table_free(struct session_table *table);

#endif
