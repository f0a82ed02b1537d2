/*
 * When roles were in use, from the events of the audit file: what xacct-audit(5) tells under USE OF
 * ROLES.
 *
 * A hand-out is a line that has credentials in it: opened, used, switched or refreshed with an
 * access_key_id. From it on its role is in use, in its session and for its purpose, for the time
 * `idle`, unless the credentials or the session end before, or the shell changes to another role;
 * further hand-outs prolong that. Of one human in one account each moment counts once: for what had
 * credentials last among what is in use.
 *
 * Lines count in the order of the file. Where one is earlier than those before it by more than a
 * minute the clock was set back: what was in use is in use until the line before, and no longer.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_XACCT_ADMIN_REPORT_USES_H
#define XACCT_XACCT_ADMIN_REPORT_USES_H

#include <stdint.h>
#include <time.h>

struct audit_log_line;
struct json_t; /* jansson's, whose names and those of xacct/json_text.h are in each other's way */

/* What a hand-out was. Texts are those of its line; what it does not have is "". */
struct report_use {
    const char *human;
    const char *account;
    const char *account_id;
    const char *role;
    const char *session;
    const char *purpose;       /* login, switch, renew, exec, env, process or console */
    const char *key;           /* access_key_id */
    const struct json_t *tags; /* an object, or NULL */
};

/* Who is told. Each returns 0, or an errno, with which the reading ends. */
struct report_listener {
    /* A role was in use from `from` until before `to`, which may lie in the future. */
    int (*in_use)(void *argument, const struct report_use *use, time_t from, time_t to);
    int (*handed_out)(void *argument, const struct report_use *use, time_t at);
    /* The clock was set back by so many seconds before this line. */
    int (*set_back)(void *argument, const struct audit_log_line *line, int64_t seconds);
    void *argument;
};

/* Returns what the next functions take, or NULL without memory; *listener stays the caller's. */
struct report_uses *report_uses_begin(int64_t idle, const struct report_listener *listener);

/* Takes the next line of the file. Returns 0 or an errno. */
int report_uses_line(struct report_uses *uses, const struct audit_log_line *line);

/* The time of the newest line since the clock was last set back; 0 before the first one. */
time_t report_uses_now(const struct report_uses *uses);

/* Tells of what is in use still, each until it would end by itself. Returns 0 or an errno. */
int report_uses_end(struct report_uses *uses);

void report_uses_free(struct report_uses *uses);

#endif
