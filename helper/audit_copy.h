/*
 * The copy of the audit file's lines that goes to syslog (facility AUTHPRIV, program xacct-audit),
 * and from there off the host, where whoever becomes root on it cannot write it anew.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_AUDIT_COPY_H
#define XACCT_HELPER_AUDIT_COPY_H

#include <jansson.h>

/* Connects to syslog, before the sandbox closes. */
void audit_copy_open(void);

/*
 * Sends the line, which as text is `text`, to syslog, at LOG_NOTICE where it is a refusal, else at
 * LOG_INFO. A line that would be too long (SYSLOG_LINE_MOST) goes without its longest members,
 * whose names are in `left_out` then. It never waits: where the daemon does not run or does not
 * read, the line stands in the file alone, and how many did not get through is said before the next
 * that does.
 */
void audit_copy(const json_t *line, const char *text);

#endif
