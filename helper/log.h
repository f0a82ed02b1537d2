/*
 * The helper's own lines in syslog, facility AUTHPRIV. Takes text, never a secret. Untrusted pieces
 * are the caller's to escape; no line can be broken in any case.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_HELPER_LOG_H
#define XACCT_HELPER_LOG_H

#include <stdbool.h>

/* Connects to syslog, before the sandbox closes. */
void log_open(void);

/* Whether log_debug writes anything. Off at first. */
void log_set_debug(bool on);

/*
 * One line each, printf(3)-like, of at most LOG_LINE_MAX bytes; what is longer is cut with "...". A
 * daemon that hangs costs a tenth of a second every ten seconds, and the lines until it reads
 * again, of which it is told how many they were.
 */
#define LOG_LINE_MAX 4096
void log_alert(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_error(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_notice(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_info(const char *format, ...) __attribute__((format(printf, 1, 2)));
void log_debug(const char *format, ...) __attribute__((format(printf, 1, 2)));

/*
 * As log_warning, for what users can bring about as often as they like: the same line once a minute
 * at the most, and no more than LOG_SELDOM_MOST different ones.
 */
#define LOG_SELDOM_MOST 64
void log_warning_seldom(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
