/*
 * The helper's own lines in syslog: a daemon that is busy gets them, one that hangs holds nobody
 * up.
 *
 * SPDX-License-Identifier: BSD-2-Clause
 */
#include <poll.h>
#include <pthread.h>

#include "helper/log.h"
#include "tests/unit/syslog_daemon.h"

#define PROGRAM "xacct-helper"
#define MANY    5000

static void a_line_has_its_severity_and_no_control_character(void **state)
{
    const int daemon = *(int *)*state;
    int priority;
    const char *text;

    log_error("user %s: %s", "alice", "a\nb\x1b[2J");
    text = receive(daemon, PROGRAM, &priority);
    assert_non_null(text);
    assert_int_equal(priority, (10 << 3) | 3); /* authpriv, err */
    assert_null(strpbrk(text, "\n\x1b"));
    assert_null(receive(daemon, PROGRAM, &priority));
}

/* It would be waited for here for ever, were it waited for. */
static void a_daemon_that_hangs_is_waited_for_once_and_what_it_missed_is_counted(void **state)
{
    const int daemon = *(int *)*state;
    int priority, got, sent;
    const char *text;

    for (sent = 0; sent < MANY; sent++)
        log_info("many");
    for (got = 0; receive(daemon, PROGRAM, &priority) != NULL; got++)
        ;
    assert_in_range(got, 1, MANY - 1);
    log_info("later");
    text = receive(daemon, PROGRAM, &priority);
    assert_non_null(text);
    assert_int_equal(priority, (10 << 3) | 4); /* warning */
    assert_int_equal(atoi(text), MANY - got);
    assert_non_null(strstr(text, "lines of xacct-helper are missing here"));
    assert_string_equal(receive(daemon, PROGRAM, &priority), "later");
}

struct reading {
    int daemon;
    int got; /* lines before the last */
};

static void *read_all(void *argument)
{
    struct reading *reading = argument;
    struct pollfd there = {.fd = reading->daemon, .events = POLLIN};
    const char *text;
    int priority;

    while (poll(&there, 1, 10000) == 1) {
        text = receive(reading->daemon, PROGRAM, &priority);
        if (text != NULL && strcmp(text, "last") == 0)
            break;
        reading->got++;
    }
    return NULL;
}

static void a_burst_waits_for_a_daemon_that_reads(void **state)
{
    struct reading reading = {.daemon = *(int *)*state};
    pthread_t reader;
    int i;

    assert_int_equal(pthread_create(&reader, NULL, read_all, &reading), 0);
    for (i = 0; i < MANY; i++)
        log_info("many");
    log_info("last");
    assert_int_equal(pthread_join(reader, NULL), 0);
    assert_int_equal(reading.got, MANY);
}

#define TEST(test) cmocka_unit_test_setup_teardown(test, daemon_set_up, daemon_tear_down)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(a_line_has_its_severity_and_no_control_character),
        TEST(a_burst_waits_for_a_daemon_that_reads),
        /* After which none is waited for, for ten seconds. */
        TEST(a_daemon_that_hangs_is_waited_for_once_and_what_it_missed_is_counted),
    };

    alarm(60);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
