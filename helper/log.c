/*
 * Lines in syslog.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/log.h"

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <syslog.h>

#include "common/deadline.h"
#include "common/escape.h"
#include "helper/syslog_socket.h"
#include "helper/text_hash.h"

#define SELDOM_MS 60000

/* A burst of lines fills the queue of a daemon that is well, which takes a moment then. */
#define BUSY_MS 100

static bool debug_on;

static struct syslog_socket daemon_socket = {
    .program = "xacct-helper", .what = "xacct-helper", .wait_ms = BUSY_MS, .fd = -1};

/* The lines of log_warning_seldom, by their hash, and from when on each may be said again. Two that
 * fell together would cost one of them a minute. */
static struct {
    uint64_t hash;
    struct deadline again;
} seldom[LOG_SELDOM_MOST];

void log_open(void)
{
    syslog_socket_open(&daemon_socket);
}

void log_set_debug(bool on)
{
    debug_on = on;
}

static void __attribute__((format(printf, 2, 0)))
log_line(int severity, const char *format, va_list arguments)
{
    char line[LOG_LINE_MAX], shown[LOG_LINE_MAX];

    vsnprintf(line, sizeof line, format, arguments);
    syslog_socket_send(&daemon_socket, severity, escape_sentence(shown, sizeof shown, line));
}

void log_alert(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_line(LOG_ALERT, format, arguments);
    va_end(arguments);
}

void log_error(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_line(LOG_ERR, format, arguments);
    va_end(arguments);
}

void log_warning(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_line(LOG_WARNING, format, arguments);
    va_end(arguments);
}

/* Whether a line has not been said for so long that it may be said now. */
static bool is_due(uint64_t hash)
{
    size_t free_place = LOG_SELDOM_MOST, i;

    for (i = 0; i < LOG_SELDOM_MOST; i++) {
        if (deadline_left_ms(seldom[i].again) == 0)
            free_place = i;
        else if (seldom[i].hash == hash)
            return false;
    }
    if (free_place == LOG_SELDOM_MOST)
        return false;
    seldom[free_place].hash = hash;
    seldom[free_place].again = deadline_in_ms(SELDOM_MS);
    return true;
}

void log_warning_seldom(const char *format, ...)
{
    char line[LOG_LINE_MAX];
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    if (is_due(text_hash(line)))
        log_warning("%s", line);
}

void log_notice(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_line(LOG_NOTICE, format, arguments);
    va_end(arguments);
}

void log_info(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_line(LOG_INFO, format, arguments);
    va_end(arguments);
}

void log_debug(const char *format, ...)
{
    va_list arguments;

    if (!debug_on)
        return;
    va_start(arguments, format);
    log_line(LOG_DEBUG, format, arguments);
    va_end(arguments);
}
