/*
 * A syslogd at /dev/log, which is the test's own below tests/enter: it reads when the test does.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#ifndef XACCT_TESTS_UNIT_SYSLOG_DAEMON_H
#define XACCT_TESTS_UNIT_SYSLOG_DAEMON_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "helper/syslog_socket.h"

static int start_daemon(void)
{
    const struct sockaddr_un address = {.sun_family = AF_UNIX, .sun_path = "/dev/log"};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    assert_true(fd >= 0);
    unlink("/dev/log");
    assert_int_equal(bind(fd, (const struct sockaddr *)&address, sizeof address), 0);
    return fd;
}

static int daemon_set_up(void **state)
{
    int *daemon = malloc(sizeof *daemon);

    assert_non_null(daemon);
    *daemon = start_daemon();
    *state = daemon;
    return 0;
}

static int daemon_tear_down(void **state)
{
    int *daemon = *state;

    close(*daemon);
    unlink("/dev/log");
    free(daemon);
    return 0;
}

/*
 * What the daemon got next of this program, behind its heading, or NULL; *priority is what stands
 * in front, or -1. It stays as it is until the next call.
 */
static const char *receive(int daemon, const char *program, int *priority)
{
    static char message[65536];
    ssize_t length = recv(daemon, message, sizeof message - 1, 0);
    char tag[64];
    const char *text;
    char *end;

    *priority = -1;
    if (length < 0)
        return NULL;
    message[length] = '\0';
    assert_true((size_t)length <= SYSLOG_LINE_MOST);
    assert_int_equal(message[0], '<');
    *priority = (int)strtol(message + 1, &end, 10);
    snprintf(tag, sizeof tag, " %s[", program);
    text = strstr(end, tag);
    assert_non_null(text);
    text = strstr(text, "]: ");
    assert_non_null(text);
    return text + 3;
}

#endif
