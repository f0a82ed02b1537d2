/*
 * Lines in syslog.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include "helper/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <syslog.h>

#include "common/escape.h"

static bool debug_on;

void log_open(void)
{
    openlog("xacct-helper", LOG_PID | LOG_NDELAY, LOG_AUTHPRIV);
}

void log_set_debug(bool on)
{
    debug_on = on;
}

static void __attribute__((format(printf, 2, 0)))
log_line(int priority, const char *format, va_list arguments)
{
    char line[LOG_LINE_MAX], shown[LOG_LINE_MAX];

    vsnprintf(line, sizeof line, format, arguments);
    syslog(LOG_AUTHPRIV | priority, "%s", escape_sentence(shown, sizeof shown, line));
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

void log_notice(const char *format, ...)
{
    va_list arguments;

    va_start(arguments, format);
    log_line(LOG_NOTICE, format, arguments);
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
